using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Http;

namespace DeviceMqtt.Gateway.Tests.Settings;

[TestClass]
public sealed class OriginRulesTests
{
    [TestMethod]
    [DataRow(null, "192.168.1.5:8080", DisplayName = "no browser")]
    [DataRow("", "192.168.1.5:8080", DisplayName = "no browser, empty")]
    [DataRow("http://192.168.1.5:8080", "192.168.1.5:8080")]
    [DataRow("http://localhost:8080", "localhost:8080")]
    [DataRow("http://[::1]:8080", "[::1]:8080")]
    [DataRow("http://127.0.0.1", "127.0.0.1")]
    [DataRow("http://127.0.0.1:80", "127.0.0.1", DisplayName = "the default port, written out")]
    [DataRow("http://127.0.0.1:80", "127.0.0.1:80", DisplayName = "the same twice")]
    [DataRow("https://127.0.0.1:443", "127.0.0.1:443", DisplayName = "that of https")]
    [DataRow("https://panel.example.org", "10.0.0.1:8080", DisplayName = "listed")]
    public void Origin_OfThisMachineOrListed_Allowed(string? origin, string host) => Assert.IsTrue(Rules().Allows(origin, new HostString(host)));

    [TestMethod]
    [DataRow("http://evil.example", "127.0.0.1:8080")]
    [DataRow("http://127.0.0.1:3000", "127.0.0.1:8080", DisplayName = "another server on this machine")]
    [DataRow("http://evil.example:8080", "evil.example:8080", DisplayName = "a name that was turned to our address")]
    [DataRow("http://panel.example.org", "10.0.0.1:8080", DisplayName = "listed with another scheme")]
    [DataRow("null", "127.0.0.1:8080", DisplayName = "a page without an origin")]
    [DataRow("nonsense", "127.0.0.1:8080")]
    [DataRow("http://evil.example:80", "evil.example", DisplayName = "a turned name with the default port")]
    [DataRow("http://127.0.0.1:80:80", "127.0.0.1")]
    public void Origin_OfAnotherPage_Refused(string origin, string host) => Assert.IsFalse(Rules().Allows(origin, new HostString(host)));

    // What the handshakes of Chrome, Firefox and Safari have beside the headers that RFC 6455 asks for; one of them is enough.
    [TestMethod]
    [DataRow("User-Agent")]
    [DataRow("user-agent")]
    [DataRow("Pragma")]
    [DataRow("Cache-Control")]
    [DataRow("Accept-Encoding")]
    [DataRow("Accept-Language")]
    [DataRow("Sec-WebSocket-Extensions")]
    [DataRow("Sec-Fetch-Mode")]
    [DataRow("Sec-CH-UA")]
    [DataRow("Cookie")]
    public void Browser_AnyHeaderOfOne_TakenForOne(string header)
    {
        HeaderDictionary headers = Paho();
        Assert.IsFalse(OriginRules.IsBrowser(headers));
        headers[header] = ""; // an empty one is one
        headers.Append(header, "x");
        Assert.IsTrue(OriginRules.IsBrowser(headers));
    }

    private static HeaderDictionary Paho()
    {
        HeaderDictionary headers = [];
        foreach (string name in (string[])["Host", "Upgrade", "Connection", "Origin", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Protocol"])
            headers[name] = "x";
        return headers;
    }

    [TestMethod]
    [DataRow("panel.example.org")]
    [DataRow("https://panel.example.org/")]
    [DataRow("ftp://panel.example.org")]
    [DataRow("")]
    public void Setting_NoOrigin_NamedWithItsPosition(string origin)
    {
        string? wrong = new OriginRules(new SecurityOptions { Origins = ["https://a.example", origin] }).Check();

        Assert.Contains($"Security:Origins:1 is '{origin}'", wrong!, StringComparison.Ordinal);
    }

    private static OriginRules Rules() => new(new SecurityOptions { Origins = ["https://panel.example.org"] });
}
