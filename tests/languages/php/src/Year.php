<?php

declare(strict_types=1);

namespace Calendar;

use InvalidArgumentException;

final class Year
{
    public function __construct(private readonly int $year)
    {
        if ($year < 1583) {
            throw new InvalidArgumentException("the calendar of $year was another one");
        }
    }

    public function isLeap(): bool
    {
        return $this->year % 400 === 0 || ($this->year % 4 === 0 && $this->year % 100 !== 0);
    }

    /** The date of Easter, as Gauss found it. */
    public function easter(): string
    {
        $century = intdiv($this->year, 100);
        $golden = $this->year % 19;
        $epact = ($century - intdiv($century, 4) - intdiv(8 * $century + 13, 25) + 19 * $golden + 15) % 30;
        $moon = $epact - intdiv($epact, 28) * (1 - intdiv(29, $epact + 1) * intdiv(21 - $golden, 11));
        $weekday = ($this->year + intdiv($this->year, 4) + $moon + 2 - $century + intdiv($century, 4)) % 7;
        $days = $moon - $weekday;
        $month = 3 + intdiv($days + 40, 44);

        return sprintf('%d-%02d-%02d', $this->year, $month, $days + 28 - 31 * intdiv($month, 4));
    }
}
