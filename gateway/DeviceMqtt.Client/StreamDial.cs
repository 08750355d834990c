using System.Net;
using MQTTnet.Channel;

namespace DeviceMqtt.Client;

/// <summary>Has MQTTnet use a stream that the program has opened.</summary>
internal sealed class StreamDial(Func<CancellationToken, Task<Stream>> dial) : IMqttClientStreamProvider
{
    public Task<Stream> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken) => dial(cancellationToken);
}
