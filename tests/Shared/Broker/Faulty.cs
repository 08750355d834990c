using System.Reflection;

namespace DeviceMqtt.TestSupport;

/// <summary>Stands in front of a port, and throws where a test says so: a fault of the gateway that no packet can cause.</summary>
/// <typeparam name="T">The port.</typeparam>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1852", Justification = "Its subtypes are made while the test runs.")]
internal class Faulty<T> : DispatchProxy where T : class
{
    private T _inner = null!;
    private Func<string, object?[], bool> _isBad = null!;

    /// <param name="inner">What does the work.</param>
    /// <param name="isBad">Asked for each call, by its method and arguments.</param>
    public static T InFrontOf(T inner, Func<string, object?[], bool> isBad)
    {
        T port = Create<T, Faulty<T>>();
        Faulty<T> faulty = (Faulty<T>)(object)port;
        (faulty._inner, faulty._isBad) = (inner, isBad);
        return port;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (_isBad(targetMethod!.Name, args!))
            throw new InvalidOperationException("a fault of the gateway, made by a test");
        return targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
    }
}
