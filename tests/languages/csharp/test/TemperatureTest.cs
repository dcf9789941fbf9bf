using System;
using NUnit.Framework;

namespace Weather.Test
{
    [TestFixture]
    public class TemperatureTest
    {
        [TestCase(0, 32)]
        [TestCase(100, 212)]
        [TestCase(-40, -40)]
        public void IsTheSameInBothScales(double celsius, double fahrenheit)
        {
            Assert.AreEqual(fahrenheit, new Temperature(celsius).Fahrenheit, 0.001);
            Assert.AreEqual(celsius, Temperature.FromFahrenheit(fahrenheit).Celsius, 0.001);
        }

        [Test]
        public void HasALowestValue()
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new Temperature(-300));
        }

        [Test, Ignore("Kelvin is not asked for yet")]
        public void Kelvin() {}
    }
}
