using DeviceMqtt.Fuzz.Tests.Targets;

namespace DeviceMqtt.Fuzz.Tests.Guided;

/// <summary>An input by which a target broke its contract.</summary>
internal sealed record FuzzFailure(FuzzTarget Target, byte[] Input, string What)
{
    public override string ToString() => $"{Target.Name}: {What}\ninput: {Convert.ToHexString(Input)}";
}
