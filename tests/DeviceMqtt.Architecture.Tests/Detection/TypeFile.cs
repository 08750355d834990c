namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>
/// An outermost type with everything nested in it, closures and state machines too: what stands in one source file.
/// A generic type and its namesake without type parameters count as one.
/// </summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name, without the number of type parameters.</param>
internal readonly record struct TypeFile(string Namespace, string Name)
{
    public static readonly Comparer<TypeFile> ByName = Comparer<TypeFile>.Create((a, b) =>
        string.CompareOrdinal(a.Name, b.Name) is var byName && byName != 0 ? byName : string.CompareOrdinal(a.Namespace, b.Namespace));

    public override string ToString() => Name;
}
