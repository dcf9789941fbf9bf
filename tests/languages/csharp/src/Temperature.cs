using System;

namespace Weather
{
    public struct Temperature
    {
        public const double AbsoluteZero = -273.15;

        public double Celsius { get; }

        public Temperature(double celsius)
        {
            if (celsius < AbsoluteZero) throw new ArgumentOutOfRangeException(nameof(celsius), "nothing is that cold");
            Celsius = celsius;
        }

        public double Fahrenheit => Celsius * 9 / 5 + 32;

        public static Temperature FromFahrenheit(double fahrenheit) => new Temperature((fahrenheit - 32) * 5 / 9);
    }
}
