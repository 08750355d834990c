using System;
using System.Collections;

// nanoFramework.System.Text, nanoFramework.System.Collections and nanoFramework.TestFramework, as far as the device and its tests use them. A test holds
// these members against the lists; none of them ever runs.
namespace System.Text
{
    /// <summary>Of nanoFramework.System.Text.</summary>
    public abstract class Encoding
    {
        public static Encoding UTF8 => throw new NotImplementedException();

        public virtual byte[] GetBytes(string s) => throw new NotImplementedException();

        public virtual int GetBytes(string s, int charIndex, int charCount, byte[] bytes, int byteIndex) => throw new NotImplementedException();

        public virtual string GetString(byte[] bytes, int index, int count) => throw new NotImplementedException();
    }

    /// <summary>Of nanoFramework.System.Text.</summary>
    public sealed class StringBuilder
    {
        public StringBuilder Append(string value) => throw new NotImplementedException();

        public override string ToString() => throw new NotImplementedException();
    }
}

namespace System.Collections
{
    /// <summary>Of nanoFramework.System.Collections.</summary>
    public class Hashtable
    {
        public object this[object key]
        {
            get => throw new NotImplementedException();
            set => throw new NotImplementedException();
        }
    }

    /// <summary>Of nanoFramework.System.Collections.</summary>
    public class Queue
    {
        public int Count => throw new NotImplementedException();

        public object Dequeue() => throw new NotImplementedException();

        public void Enqueue(object obj) => throw new NotImplementedException();
    }
}

namespace nanoFramework.TestFramework
{
    /// <summary>Of nanoFramework.TestFramework.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public class TestClassAttribute : Attribute
    {
    }

    /// <summary>Of nanoFramework.TestFramework.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public class TestMethodAttribute : Attribute
    {
    }

    /// <summary>Of nanoFramework.TestFramework.</summary>
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public class DataRowAttribute : Attribute
    {
        public DataRowAttribute(params object[] args)
        {
        }
    }

    /// <summary>Of nanoFramework.TestFramework.</summary>
    public sealed class Assert
    {
        public static void AreEqual(int expected, int actual, string message = "") => throw new NotImplementedException();

        public static void AreEqual(long expected, long actual, string message = "") => throw new NotImplementedException();

        public static void AreEqual(double expected, double actual, string message = "") => throw new NotImplementedException();

        public static void AreEqual(bool expected, bool actual, string message = "") => throw new NotImplementedException();

        public static void AreEqual(string? expected, string? actual, string message = "") => throw new NotImplementedException();

        public static void IsTrue(bool condition, string message = "") => throw new NotImplementedException();

        public static void IsFalse(bool condition, string message = "") => throw new NotImplementedException();

        public static void IsNull(object? value, string message = "") => throw new NotImplementedException();

        public static void IsNotNull(object? value, string message = "") => throw new NotImplementedException();
    }
}
