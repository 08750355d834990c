using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// The log in journald's own protocol: one datagram for each line, its fields beside its text, so that <c>journalctl CLIENT_ID=kitchen</c> finds it.
/// A line that journald does not take goes to another output, with its priority.
/// <code>
/// NAME \n | length of the value, 64 bit little endian | value \n     (systemd, "Native Journal Protocol")
/// </code>
/// A value has its length in front of it, always: whatever is in it, an end of line too, it begins no other field.
/// </summary>
internal sealed class JournalLog(string path, ILogOutput instead) : ILogOutput, IDisposable
{
    /// <summary>Where journald takes datagrams.</summary>
    public const string DefaultPath = "/run/systemd/journal/socket";

    /// <summary>Characters of a text that are sent: a datagram may have 200 KB, and with three bytes a character this leaves room for the fields. BoundedLog has a bound for all but Debug lines.</summary>
    public const int TextCharactersMax = 32_768;

    private readonly ArrayBufferWriter<byte> _datagram = new(1024);
    private readonly UnixDomainSocketEndPoint _journal = new(path);
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public bool HasFields => true;

    public void Write(PrintedLine line)
    {
        if (line.IsPlain)
        {
            instead.Write(line);
            return;
        }

        _datagram.ResetWrittenCount();
        Add("PRIORITY", ConsoleLog.PriorityOf(line.Level).ToString());
        Add("SYSLOG_IDENTIFIER", "devicemqtt");
        Add("CATEGORY", line.Category);
        if (line.EventId != 0)
            Add("EVENT_ID", line.EventId.ToString(CultureInfo.InvariantCulture));
        foreach ((string name, string value) in line.Fields)
            Add(name, value);
        string text = $"{line.Category}: {line.Text}";
        Add("MESSAGE", text.Length <= TextCharactersMax ? text : text[..TextCharactersMax] + "...");
        try
        {
            _ = _socket.SendTo(_datagram.WrittenSpan, SocketFlags.None, _journal);
        }
        catch (SocketException)
        {
            // journald is being started again, or takes less than this: standard output is the other way to it.
            instead.Write(line);
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Add(string name, string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        int head = name.Length + 1 + sizeof(ulong);
        Span<byte> field = _datagram.GetSpan(head + bytes + 1);
        _ = Encoding.ASCII.GetBytes(name, field);
        field[name.Length] = (byte)'\n';
        BinaryPrimitives.WriteUInt64LittleEndian(field[(name.Length + 1)..], (ulong)bytes);
        _ = Encoding.UTF8.GetBytes(value, field[head..]);
        field[head + bytes] = (byte)'\n';
        _datagram.Advance(head + bytes + 1);
    }
}
