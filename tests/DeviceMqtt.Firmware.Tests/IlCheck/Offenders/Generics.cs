#nullable enable
namespace DeviceMqtt.Firmware.Tests.IlCheck.Offenders;

/// <summary>Planted: generics in every place where they can stand.</summary>
internal sealed class GenericType<T>
{
    internal T? Value { get; set; }
}

internal static class GenericMethod
{
    internal static T Use<T>(T value) => value;
}

internal static class GenericCall
{
    internal static int Use() => GenericMethod.Use(1);
}

internal static class GenericAction
{
    internal static void Use(Action<int> action) => action(1);
}

internal static class GenericFunc
{
    internal static int Use()
    {
        Func<int> one = static () => 1;
        return one();
    }
}

internal sealed class GenericField
{
    internal List<int> Values = [];
}

internal sealed class GenericEvent
{
    internal event EventHandler<EventArgs>? Happened;

    internal void Raise() => Happened?.Invoke(this, EventArgs.Empty);
}

/// <summary>Planted: an event of the compiler's making, whose accessors call a generic method.</summary>
internal sealed class FieldLikeEvent
{
    internal event EventHandler? Happened;

    internal void Raise() => Happened?.Invoke(this, EventArgs.Empty);
}

internal static class GenericLocal
{
    internal static int Use(int? value) => value?.GetHashCode() ?? 0;
}

internal sealed class GenericInterface : IComparable<GenericInterface>
{
    public int CompareTo(GenericInterface? other) => 0;
}

internal static class GenericTuple
{
    internal static (int A, int B) Use() => (1, 2);
}

internal static class NaturalLambda
{
    internal static int Use()
    {
        var add = (ref int a) => a + 1;
        int one = 1;
        return add(ref one);
    }
}

internal static class NaturalLambdaManyParameters
{
    internal static int Use()
    {
        var add = (int a, int b = 2) => a + b;
        return add(1);
    }
}
