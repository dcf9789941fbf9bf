<?php

declare(strict_types=1);

namespace Calendar\Tests;

use Calendar\Year;
use InvalidArgumentException;
use PHPUnit\Framework\TestCase;

final class YearTest extends TestCase
{
    /** @dataProvider easters */
    public function testEaster(int $year, string $expected): void
    {
        self::assertSame($expected, (new Year($year))->easter());
    }

    public static function easters(): array
    {
        return ['early' => [1818, '1818-03-22'], 'late' => [1943, '1943-04-25'], 'a usual one' => [2024, '2024-03-31']];
    }

    public function testLeapYears(): void
    {
        $leaps = array_filter(range(1896, 1908), fn (int $year) => (new Year($year))->isLeap());
        self::assertSame([1896, 1904, 1908], array_values($leaps));
    }

    public function testOtherCalendars(): void
    {
        $this->expectException(InvalidArgumentException::class);
        new Year(1500);
    }
}
