using System;
using System.Globalization;

namespace Weather
{
    public static class Program
    {
        public static int Main(string[] arguments)
        {
            var celsius = double.Parse(arguments[0], CultureInfo.InvariantCulture);
            Console.WriteLine(new Temperature(celsius).Fahrenheit.ToString("0.0", CultureInfo.InvariantCulture));
            return 0;
        }
    }
}
