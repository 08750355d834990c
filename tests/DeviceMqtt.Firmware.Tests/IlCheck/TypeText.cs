namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>A type in a signature: its documentation id, and what of it matters to the rules.</summary>
/// <param name="Id">As in the lists: nested types behind a point, [] for arrays, @ for references.</param>
internal sealed record TypeText(string Id)
{
    /// <summary>Named types of other assemblies in it.</summary>
    internal IReadOnlyList<string> Externals { get; init; } = [];

    internal bool IsGeneric { get; init; }

    internal bool IsMultidimensional { get; init; }

    internal TypeText With(string suffix) => this with { Id = Id + suffix };

    /// <summary>This one as the larger, with what matters of another that is part of it.</summary>
    internal TypeText Including(TypeText part) => this with
    {
        Externals = [.. Externals, .. part.Externals],
        IsGeneric = IsGeneric || part.IsGeneric,
        IsMultidimensional = IsMultidimensional || part.IsMultidimensional,
    };
}
