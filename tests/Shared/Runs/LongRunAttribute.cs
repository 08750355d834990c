namespace DeviceMqtt.TestSupport;

/// <summary>A test, or all of a class, that only the long run has.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class LongRunAttribute : ConditionBaseAttribute
{
    public LongRunAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = LongRun.Reason;

    public override string GroupName => nameof(LongRunAttribute);

    public override bool IsConditionMet => LongRun.IsOn;
}
