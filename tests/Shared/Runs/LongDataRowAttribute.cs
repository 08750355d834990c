namespace DeviceMqtt.TestSupport;

/// <summary>Data for one more case of a test, which only the long run has.</summary>
internal sealed class LongDataRowAttribute : DataRowAttribute
{
    public LongDataRowAttribute(params object?[]? data)
        : base(data) => IgnoreMessage = LongRun.IsOn ? null : LongRun.Reason;
}
