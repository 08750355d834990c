namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>One thing that is wrong.</summary>
/// <param name="Rule">Which rule it breaks.</param>
/// <param name="Where">Type and member.</param>
/// <param name="What">The member, type or instruction.</param>
internal sealed record IlOffence(IlRule Rule, string Where, string What)
{
    public override string ToString() => $"{Rule}: {What} in {Where}";
}
