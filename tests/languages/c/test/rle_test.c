#include <check.h>
#include <stdlib.h>

#include "../src/rle.h"

static char out[16];

START_TEST(runs_are_counted)
{
    ck_assert_int_eq(rle_encode("aaab", out, sizeof out), 4);
    ck_assert_str_eq(out, "3a1b");
}
END_TEST

START_TEST(nothing_is_nothing)
{
    ck_assert_int_eq(rle_encode("", out, sizeof out), 0);
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    ck_assert_int_eq(rle_encode("abcdefghij", out, sizeof out), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rle");
    TCase *core = tcase_create("encode");
    tcase_add_test(core, runs_are_counted);
    tcase_add_test(core, nothing_is_nothing);
    tcase_add_test(core, what_does_not_fit_is_refused);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
