namespace DeviceMqtt.Broker.Words;

/// <summary>Why a message for an upstream was set aside. One byte on disk: 1, or the reason code of the upstream, which is 128 or more.</summary>
internal readonly record struct AsideReason(byte Value)
{
    /// <summary>The connection ended, each time it was sent, even when it was sent alone.</summary>
    public static readonly AsideReason EndsTheConnection = new(1);

    /// <summary>The reason code with which the upstream refused it; 0 when it has not said one.</summary>
    public byte ReasonCode => Value >= 0x80 ? Value : (byte)0;

    public static AsideReason Refused(byte reasonCode) => new(reasonCode);
}
