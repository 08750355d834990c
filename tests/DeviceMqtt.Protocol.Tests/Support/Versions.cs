namespace DeviceMqtt.Protocol.Tests;

/// <summary>The versions, short enough for data rows.</summary>
internal static class Versions
{
    public const ProtocolVersion V31 = ProtocolVersion.V31;
    public const ProtocolVersion V311 = ProtocolVersion.V311;
    public const ProtocolVersion V5 = ProtocolVersion.V5;

    public static readonly ProtocolVersion[] All = [V31, V311, V5];
}
