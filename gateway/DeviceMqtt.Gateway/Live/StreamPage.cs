using System.Threading.Channels;

namespace DeviceMqtt.Gateway.Live;

/// <summary>One page that listens to the stream, with the devices that it shows.</summary>
internal sealed class StreamPage(string id, string user)
{
    /// <summary>Devices whose readings one page may follow.</summary>
    public const int ViewMax = 200;

    // A page that is slower than this begins anew.
    private const int WaitingMax = 64;
    private readonly Channel<StreamEvent> _events = Channel.CreateBounded<StreamEvent>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private volatile HashSet<string> _view = [];

    public string Id => id;

    /// <summary>Whose it is: the name of a user or of a key.</summary>
    public string User => user;

    public ChannelReader<StreamEvent> Reader => _events.Reader;

    public bool Shows(string device) => _view.Contains(device);

    public void Show(IEnumerable<string> devices) => _view = devices.Take(ViewMax).ToHashSet(StringComparer.Ordinal);

    /// <summary>Gives it an event; when it has not taken many before, it is told to begin anew instead.</summary>
    public void Give(StreamEvent next)
    {
        if (_events.Writer.TryWrite(next))
            return;
        while (_events.Reader.TryRead(out _))
        {
            // What is lost is fetched anew.
        }

        _ = _events.Writer.TryWrite(StreamEvent.Resync);
    }
}
