namespace DeviceMqtt.Broker.Ports;

/// <summary>What one packet, or one Will, makes the custody keep, until <see cref="Dispose"/>, is durable together or not at all.</summary>
internal readonly ref struct FrameOfPacket
{
    private readonly ICustody? _custody;

    public FrameOfPacket(ICustody custody)
    {
        _custody = custody;
        custody.BeginFrame();
    }

    public void Dispose() => _custody?.EndFrame();
}
