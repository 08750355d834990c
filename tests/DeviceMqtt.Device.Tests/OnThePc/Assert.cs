using Pc = Microsoft.VisualStudio.TestTools.UnitTesting.Assert;

namespace nanoFramework.TestFramework
{
    /// <summary>Those members of nanoFramework's Assert that the tests use, on MSTest's. A test holds them against the real ones.</summary>
    public static class Assert
    {
        /// <summary>Fails if the numbers differ.</summary>
        public static void AreEqual(int expected, int actual, string message = "")
        {
            Pc.AreEqual(expected, actual, message);
        }

        /// <summary>Fails if the numbers differ.</summary>
        public static void AreEqual(long expected, long actual, string message = "")
        {
            Pc.AreEqual(expected, actual, message);
        }

        /// <summary>Fails if the numbers differ.</summary>
        public static void AreEqual(double expected, double actual, string message = "")
        {
            Pc.AreEqual(expected, actual, message);
        }

        /// <summary>Fails if the values differ.</summary>
        public static void AreEqual(bool expected, bool actual, string message = "")
        {
            Pc.AreEqual(expected, actual, message);
        }

        /// <summary>Fails if the texts differ.</summary>
        public static void AreEqual(string? expected, string? actual, string message = "")
        {
            Pc.AreEqual(expected, actual, message);
        }

        /// <summary>Fails if it is false.</summary>
        public static void IsTrue(bool condition, string message = "")
        {
            Pc.IsTrue(condition, message);
        }

        /// <summary>Fails if it is true.</summary>
        public static void IsFalse(bool condition, string message = "")
        {
            Pc.IsFalse(condition, message);
        }

        /// <summary>Fails if there is something.</summary>
        public static void IsNull(object? value, string message = "")
        {
            Pc.IsNull(value, message);
        }

        /// <summary>Fails if there is nothing.</summary>
        public static void IsNotNull(object? value, string message = "")
        {
            Pc.IsNotNull(value, message);
        }
    }
}
