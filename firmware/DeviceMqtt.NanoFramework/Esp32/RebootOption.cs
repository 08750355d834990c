namespace nanoFramework.Runtime.Native;

/// <summary>How much is started anew.</summary>
public enum RebootOption
{
    /// <summary>The whole chip.</summary>
    NormalReboot,

    /// <summary>The runtime.</summary>
    ClrOnly = 2,
}
