#nullable enable
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Firmware.Tests.IlCheck.Offenders;

/// <summary>Planted: what nanoFramework does not have.</summary>
internal static class MissingType
{
    internal static object Use() => new Uri("mqtt://a");
}

internal static class MissingMethod
{
    internal static string Use(string text) => text.Replace('a', 'b');
}

internal static class MissingOverload
{
    internal static bool Use(string text) => text.StartsWith('a');
}

internal static class MissingConstructor
{
    internal static object Use() => new ArgumentOutOfRangeException("a", 1, "b");
}

internal static class MissingField
{
    internal static string Use() => Path.DirectorySeparatorChar + string.Empty;
}

internal sealed class MissingBase : ContextBoundObject
{
}

internal sealed class MissingInterface : IServiceProvider
{
    public object? GetService(Type serviceType) => null;
}

internal static class MissingModifier
{
    private static volatile int _value;

    internal static int Use() => _value;
}

internal static class MissingCatch
{
    internal static int Use(int a, int b)
    {
        try
        {
            return a / b;
        }
        catch (DivideByZeroException)
        {
            return 0;
        }
    }
}

internal static class MissingOnVolatile
{
    internal static int Use(ref int a) => Volatile.Read(ref a);
}

internal sealed class MissingAttribute
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [SkipLocalsInit]
    internal int Use() => 1;
}
