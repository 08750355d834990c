using System.Globalization;
using System.Text;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>A device that tells its birth when it is connected, and readings as ours do, at QoS 1.</summary>
internal sealed unsafe class ReportingBoard : MqttLoadClient
{
    private readonly string _name;
    private readonly byte[] _connect;
    private int _sent;

    private ReportingBoard(LoadLoop loop, int fd, string name)
        : base(loop, fd)
    {
        _name = name;
        _connect = MqttBytes.Connect(4, name, MqttHandshake.KeepAliveSeconds, new ConnectFields { WillTopic = $"presence/{name}" });
    }

    public static ReportingBoard Begin(LoadLoop loop, int port, string name)
    {
        var board = new ReportingBoard(loop, LoopbackSocket.BeginConnect(port), name);
        board.Start(Libc.EpollOut);
        return board;
    }

    public bool IsOnline { get; private set; }

    public long Acknowledged { get; private set; }

    public void Report()
    {
        double seconds = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        int at = _sent + _name.Length;
        Publish($"dm/{_name}/tele/climate", string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{_sent + 1}},"t":{{seconds:0.0}},"temp":{{20 + (at % 30 / 10.0):0.0}},"hum":{{40 + (at % 7)}},"rssi":{{-60 - (at % 9)}}}"""), retain: false);
    }

    public override void OnWritable()
    {
        Want(Libc.EpollIn);
        Write(_connect);
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if (*packet == MqttBytes.PubAck)
                Acknowledged++;
            else if (*packet == MqttBytes.ConnAck && body[1] == 0)
                Came();
            else if (*packet == MqttBytes.ConnAck)
                Close($"CONNECT was refused: {body[1]}");
            packet = next;
        }
        return packet;
    }

    private void Came()
    {
        IsOnline = true;
        Publish($"dm/{_name}/info", $$$"""{"id":"{{{_name}}}","fw":"0.2.0","board":"ESP32-DevKitC","rst":"power","boot":{{{_name.Length}}},"up":900,"m":{"climate":{"temp":"Cel","hum":"%RH","rssi":"dBW"}},"cmd":["ping","info"]}""", retain: true);
    }

    private void Publish(string topic, string payload, bool retain)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(payload);
        _sent++;
        byte[] packet = MqttBytes.PublishPacket(4, topic, qos: 1, (_sent % ushort.MaxValue) + 1, bytes.Length, retain);
        bytes.CopyTo(packet, packet.Length - bytes.Length);
        Write(packet);
    }

    private void Write(byte[] packet)
    {
        fixed (byte* bytes = packet)
        {
            if (Send(bytes, packet.Length) != packet.Length && Fd >= 0)
                Close("the broker does not read a board's packets");
        }
    }
}
