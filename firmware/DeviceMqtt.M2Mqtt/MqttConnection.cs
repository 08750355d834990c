using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using DeviceMqtt.Protocol;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;

namespace nanoFramework.M2Mqtt;

/// <summary>
/// One connection of a client, with the four activities the package has a thread for: receiving, sending what is queued, calling the
/// handlers, keeping alive. Only the sender sends what is queued, and only the dispatcher calls handlers. The queue and what is to be sent
/// are under the client's lock, which is never held while the network is waited for.
/// </summary>
internal sealed class MqttConnection(MqttClient client, InflightQueue queue, Lock gate, MqttClientTimes times) : IInflightOutput, IDisposable
{
    private readonly NetworkChannel _channel = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Channel<Action> _events = Channel.CreateUnbounded<Action>();
    private readonly Queue<Action> _output = new();
    private readonly TaskCompletionSource<byte> _connAck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _pingResp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _receiving = Task.CompletedTask;
    private long _lastSentMs;
    private int _isClosing;
    private volatile bool _isConnected;

    internal bool IsConnected => _isConnected;

    /// <summary>Sending, calling handlers, keeping alive; over when the connection is, and never with an exception.</summary>
    internal Task Activities { get; private set; } = Task.CompletedTask;

    internal bool IsReceiving => !_receiving.IsCompleted;

    /// <summary>Connects and waits for CONNACK.</summary>
    /// <exception cref="MqttConnectionException">The network refused.</exception>
    /// <exception cref="MqttCommunicationException">No CONNACK came.</exception>
    internal MqttReasonCode Open(IPEndPoint remote, ConnectPacket packet)
    {
        try
        {
            _channel.Connect(remote, times.TcpConnectMs);
        }
        catch (SocketException e)
        {
            _channel.Dispose();
            throw new MqttConnectionException($"Socket exception connecting to the broker: {e.SocketErrorCode}", e);
        }

        _receiving = ReceiveAsync();
        ArrayBufferWriter<byte> writer = new();
        packet.Write(writer);
        Send(writer.WrittenSpan);
        if (Task.WaitAny([_connAck.Task], times.ConnAckMs) < 0)
        {
            throw new MqttCommunicationException();
        }

        MqttReasonCode code = (MqttReasonCode)_connAck.Task.GetAwaiter().GetResult();
        if (code == MqttReasonCode.Success)
        {
            _isConnected = true;
            Activities = Task.WhenAll(
                Task.Run(SendQueuedAsync),
                Task.Run(DispatchAsync),
                Task.Run(() => KeepAliveAsync(packet.KeepAliveSeconds * times.KeepAliveSecondMs)));
        }

        return code;
    }

    /// <summary>Lets the sender look at the queue.</summary>
    internal void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    /// <exception cref="MqttCommunicationException">The link is dead.</exception>
    internal void Disconnect()
    {
        Send(DisconnectPacket.Normal);
        BeginClosing();
    }

    internal void Close()
    {
        _isConnected = false;
        _stop.Cancel();
        _channel.Dispose();
        lock (gate)
        {
            queue.Clear();
            _output.Clear();
        }
    }

    public void Dispose() => Close();

    void IInflightOutput.Send(byte[] packet) => _output.Enqueue(() => Send(packet));

    void IInflightOutput.SendAck(PacketType type, ushort packetId)
    {
        byte[] packet = new byte[AckPacket.ShortBytes];
        AckPacket.Encode(packet, type, ProtocolVersion.V311, packetId);
        _output.Enqueue(() => Send(packet));
    }

    void IInflightOutput.RaiseReceived(InflightMessage message) => _output.Enqueue(() => Raise(() => client.RaiseReceived(message)));

    void IInflightOutput.RaisePublished(ushort packetId, bool isPublished) => _output.Enqueue(() => Raise(() => client.RaisePublished(packetId, isPublished)));

    private void Raise(Action handlers) => _events.Writer.TryWrite(handlers);

    private void Send(ReadOnlySpan<byte> packet)
    {
        try
        {
            _channel.Send(packet);
            Interlocked.Exchange(ref _lastSentMs, Environment.TickCount64);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new MqttCommunicationException(e);
        }
    }

    /// <summary>The connection is over: what was received is still told of, then it is closed, then the handlers learn of it.</summary>
    private void BeginClosing()
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            Raise(() =>
            {
                Close();
                client.RaiseConnectionClosed();
            });
        }
    }

    private async Task ReceiveAsync()
    {
        StraddleBuffer scratch = new();
        try
        {
            while (true)
            {
                System.IO.Pipelines.ReadResult result = await _channel.Input.ReadAsync(_stop.Token);
                _channel.Input.AdvanceTo(Receive(result.Buffer, scratch), result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or MqttClientException)
        {
            _connAck.TrySetException(new MqttCommunicationException(e));
        }

        _connAck.TrySetException(new MqttCommunicationException());
        BeginClosing();
        if (!_stop.IsCancellationRequested)
        {
            // The package's receive thread runs on over a dead socket until Close; here it only waits.
            await Task.Delay(Timeout.Infinite, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private SequencePosition Receive(in ReadOnlySequence<byte> buffer, StraddleBuffer scratch)
    {
        // No limit on what arrives: the package allocates whatever length is declared.
        FrameReader reader = new(buffer, VariableByteInteger.Max, scratch);
        while (true)
        {
            switch (reader.TryRead(out Frame frame))
            {
                case DecodeStatus.Packet:
                    Receive(frame);
                    break;
                case DecodeStatus.NeedMore:
                    return reader.Consumed;
                default:
                    throw new MqttClientException(MqttClientErrorCode.InvalidFlagBits);
            }
        }
    }

    private void Receive(in Frame frame)
    {
        switch (frame.Type)
        {
            case PacketType.ConnAck when ConnAckPacket.TryDecode(frame, ProtocolVersion.V311, out ConnAckPacket? connAck, out _):
                _connAck.TrySetResult(connAck.Code);
                break;
            case PacketType.Publish when PublishPacket.TryDecode(frame, ProtocolVersion.V311, out PublishView publish, out _):
                ReceivePublish(publish);
                break;
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp when AckPacket.TryDecode(frame, ProtocolVersion.V311, out AckView ack, out _):
                ReceiveAck(frame.Type, ack.PacketId);
                break;
            case PacketType.SubAck when SubAckPacket.TryDecode(frame, ProtocolVersion.V311, out SubAckPacket? subAck, out _):
                if (ReceiveAck(frame.Type, subAck.PacketId))
                {
                    Raise(() => client.RaiseSubscribed(subAck.PacketId, [.. subAck.ReasonCodes.Select(code => (MqttQoSLevel)code)]));
                }

                break;
            case PacketType.UnsubAck when UnsubAckPacket.TryDecode(frame, ProtocolVersion.V311, out UnsubAckPacket? unsubAck, out _):
                if (ReceiveAck(frame.Type, unsubAck.PacketId))
                {
                    Raise(() => client.RaiseUnsubscribed(unsubAck.PacketId));
                }

                break;
            case PacketType.PingResp:
                Volatile.Read(ref _pingResp).TrySetResult();
                break;
            default:
                throw new MqttClientException(MqttClientErrorCode.WrongBrokerMessage);
        }
    }

    private void ReceivePublish(in PublishView publish)
    {
        InflightMessage message = new()
        {
            Type = PacketType.Publish,
            IsInbound = true,
            PacketId = publish.PacketId,
            QoS = publish.QoS,
            Dup = publish.Dup,
            Retain = publish.Retain,
            Topic = Encoding.UTF8.GetString(publish.TopicName),
            Payload = publish.Payload.ToArray(),
        };
        lock (gate)
        {
            queue.ReceivePublish(message);
        }

        Wake();
    }

    private bool ReceiveAck(PacketType type, ushort packetId)
    {
        bool isAwaited;
        lock (gate)
        {
            isAwaited = queue.ReceiveAck(type, packetId, this, Environment.TickCount64);
        }

        Wake();
        return isAwaited;
    }

    private async Task SendQueuedAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                int? nextMs;
                lock (gate)
                {
                    nextMs = queue.Process(this, Environment.TickCount64);
                }

                while (TryTakeOutput(out Action? action))
                {
                    action();
                }

                await _wake.WaitAsync(nextMs ?? Timeout.Infinite, _stop.Token);
            }
        }
        catch (MqttCommunicationException)
        {
            BeginClosing();
        }
        catch (OperationCanceledException)
        {
            // Closed; there is nobody left to send to.
        }
    }

    private bool TryTakeOutput([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Action? action)
    {
        lock (gate)
        {
            return _output.TryDequeue(out action);
        }
    }

    private async Task DispatchAsync()
    {
        try
        {
            await foreach (Action handlers in _events.Reader.ReadAllAsync(_stop.Token))
            {
                handlers();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Closed; what was not told yet stays untold.
        }
        catch (Exception)
        {
            // A handler threw. In the package this ends the thread that would have told of it: the connection ends without an event.
            Close();
        }
    }

    private async Task KeepAliveAsync(int periodMs)
    {
        if (periodMs == 0)
        {
            return;
        }

        try
        {
            while (true)
            {
                long idleMs = Environment.TickCount64 - Interlocked.Read(ref _lastSentMs);
                if (idleMs < periodMs)
                {
                    await Task.Delay((int)(periodMs - idleMs), _stop.Token);
                    continue;
                }

                TaskCompletionSource pingResp = new(TaskCreationOptions.RunContinuationsAsynchronously);
                Volatile.Write(ref _pingResp, pingResp);
                Send(PingPackets.PingReq);
                await pingResp.Task.WaitAsync(TimeSpan.FromMilliseconds(periodMs), _stop.Token);
            }
        }
        catch (Exception e) when (e is MqttCommunicationException or TimeoutException)
        {
            BeginClosing();
        }
        catch (OperationCanceledException)
        {
            // Closed; nothing is to be kept alive.
        }
    }
}
