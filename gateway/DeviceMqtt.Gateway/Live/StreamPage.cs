using System.Threading.Channels;

namespace DeviceMqtt.Gateway.Live;

/// <summary>One page that listens to the stream, with the devices that it shows.</summary>
internal sealed class StreamPage(string id, string user)
{
    // A page that is slower than this begins anew.
    private const int WaitingMax = 64;
    private readonly Channel<StreamEvent> _events = Channel.CreateBounded<StreamEvent>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private volatile StreamView _view = StreamView.Nothing;

    public string Id => id;

    /// <summary>Whose it is: the name of a user or of a key.</summary>
    public string User => user;

    public ChannelReader<StreamEvent> Reader => _events.Reader;

    /// <summary>What it shows.</summary>
    public StreamView View { get => _view; set => _view = value; }

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
