#nullable enable
namespace DeviceMqtt.Firmware.Tests.IlCheck.Offenders;

/// <summary>Planted: operations that fail or differ on a board.</summary>
internal static class MultidimensionalLocal
{
    internal static int Use()
    {
        int[,] table = new int[2, 2];
        return table[1, 1];
    }
}

internal sealed class MultidimensionalField
{
    internal byte[,]? Table;
}

internal static class StackAllocSpan
{
    internal static int Use()
    {
        Span<byte> bytes = stackalloc byte[16];
        return bytes.Length;
    }
}

internal static class CheckedAdd
{
    internal static int Use(int a, int b) => checked(a + b);
}

internal static class CheckedCast
{
    internal static byte Use(int a) => checked((byte)a);
}

internal static class CustomNumberFormat
{
    internal static string Use(double value) => value.ToString("0.00");
}

internal static class CustomNumberFormatInteger
{
    internal static string Use(int value) => value.ToString("000");
}

internal static class CustomFormatItem
{
    internal static string Use(double value) => string.Format("{0:0.0} of {1}", value, 1);
}

internal static class EnumToString
{
    internal static string Use(SensorError error) => error.ToString();
}

internal static class EnumOfAnotherAssembly
{
    internal static string Use(Wire.JsonKind kind) => kind.ToString();
}

internal static class EnumInText
{
    internal static string Use(SensorError error) => string.Format("failed: {0}", error);
}

internal static class EnumAsObject
{
    internal static string? Use(SensorError error)
    {
        object boxed = error;
        return boxed.ToString();
    }
}

internal static class DivisionByZeroFolded
{
    internal static double Use() => 1.0 / 0;
}

internal static class DivisionByZeroLiteral
{
    internal static double Use(double value) => value / 0.0;
}

internal static class NotANumber
{
    internal static double Use() => double.NaN;
}
