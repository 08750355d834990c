using System.Net;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Which web pages may open a WebSocket here. A browser says in <c>Origin</c> (RFC 6454) where its page came from, and lets
/// every page connect to every machine, this one's loopback too. Other clients send none, or one that says nothing (<see cref="IsBrowser"/>), and are not meant.
/// </summary>
internal sealed class OriginRules(SecurityOptions options)
{
    private volatile SecurityOptions _options = options;

    /// <summary>Other settings count from now on.</summary>
    public void Use(SecurityOptions others) => _options = others;

    /// <summary>Whether a request with this <c>Origin</c> (null or empty for none) and this <c>Host</c> may go on.</summary>
    public bool Allows(string? origin, HostString host)
    {
        if (string.IsNullOrEmpty(origin))
            return true;
        return _options.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase) || IsOurs(origin, host);
    }

    /// <summary>
    /// Whether a browser may have made a request for a WebSocket. A page can neither set nor remove a header of it (WHATWG, WebSockets, section 2), and browsers send several of
    /// these: the first by Fetch, section 4.6, the next two with it (cache mode no-store), the others by themselves (Console.Tests/OriginTests looks at those of Chromium). Whoever sends none of them is a program: the libraries paho and Netty send
    /// an <c>Origin</c> that they make of the address. One header is enough for a browser, so that a proxy or an add-on that takes one away opens nothing.
    /// </summary>
    public static bool IsBrowser(IHeaderDictionary headers) =>
        headers.Keys.Any(static name => BrowserHeaders.Contains(name) || (name.StartsWith("Sec-", StringComparison.OrdinalIgnoreCase) && !WebSocketHeaders.Contains(name)));

    // Of each browser, and of the extensions that it offers.
    private static readonly HashSet<string> BrowserHeaders = new(StringComparer.OrdinalIgnoreCase) { "User-Agent", "Pragma", "Cache-Control", "Accept-Language", "Accept-Encoding", "Cookie", "DNT" };

    // What every client of a WebSocket sends (RFC 6455, section 4.1); with Sec-WebSocket-Extensions, Sec-Fetch-* and Sec-CH-* it may be a browser.
    private static readonly HashSet<string> WebSocketHeaders = new(StringComparer.OrdinalIgnoreCase) { "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol" };

    /// <summary>What is wrong in the settings, as a sentence; null when nothing is.</summary>
    public string? Check()
    {
        for (int i = 0; i < _options.Origins.Count; i++)
            if (!IsOrigin(_options.Origins[i]))
                return $"Security:Origins:{i} is '{_options.Origins[i]}'; it must be scheme and host as browsers say them, like https://panel.example.org or http://10.0.0.5:3000";
        return null;
    }

    // By itself: where no origin is set nothing of URIs is loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsOrigin(string text) => TryParse(text, out _);

    // A page that this very machine gave out. Its name must be one that nobody else can have point here: an address,
    // localhost, or what the machine is called. Any other name may be the page's own, turned to our address meanwhile.
    private static bool IsOurs(string origin, HostString host)
    {
        if (!TryParse(WithoutDefaultPort(origin), out Uri? page) || !page.Host.Trim('[', ']').Equals(host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase))
            return false;
        int port = host.Port ?? (page.Scheme == Uri.UriSchemeHttps ? 443 : 80);
        return page.Port == port && IsName(page.Host.Trim('[', ']'));
    }

    // Browsers leave it out (RFC 6454, section 6.1), others write it.
    private static string WithoutDefaultPort(string origin) =>
        origin.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && origin.EndsWith(":80", StringComparison.Ordinal) ? origin[..^3]
        : origin.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && origin.EndsWith(":443", StringComparison.Ordinal) ? origin[..^4]
        : origin;

    private static bool IsName(string host) =>
        IPAddress.TryParse(host, out _)
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase)
        || host.Equals(Environment.MachineName + ".local", StringComparison.OrdinalIgnoreCase);

    private static bool TryParse(string origin, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? page) =>
        Uri.TryCreate(origin, UriKind.Absolute, out page)
        && (page.Scheme == Uri.UriSchemeHttp || page.Scheme == Uri.UriSchemeHttps)
        && page.GetLeftPart(UriPartial.Authority).Equals(origin, StringComparison.OrdinalIgnoreCase);
}
