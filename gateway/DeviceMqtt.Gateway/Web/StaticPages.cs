using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// The console's page and its parts: built by Vite, compressed when they were built, embedded in this assembly and sent as they are. A name that
/// has no file is a view of the page itself.
/// </summary>
internal sealed class StaticPages
{
    private const string Prefix = "console/";
    private const string Page = "index.html";

    // Nothing but what this gateway sends may run or be loaded, and nobody may frame it. The page has one script in itself, which asks for the first data: that very one may run.
    private static string PolicyOf(string scriptHash) => $"default-src 'none'; script-src 'self' 'sha256-{scriptHash}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly Assembly _assembly = typeof(StaticPages).Assembly;
    private readonly HashSet<string> _names;
    private readonly string _policy;

    public StaticPages()
    {
        _names = [.. _assembly.GetManifestResourceNames().Where(static n => n.StartsWith(Prefix, StringComparison.Ordinal))];
        using StreamReader page = new(new GZipStream(Open(Page, "gz"), CompressionMode.Decompress));
        _policy = PolicyOf(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ScriptIn(page.ReadToEnd())))));
    }

    /// <summary>What stands in a page between the tags of its one script without a source.</summary>
    private static string ScriptIn(string page)
    {
        const string Begin = "<script>";
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return page[from..page.IndexOf("</script>", from, StringComparison.Ordinal)];
    }

    private Stream Open(string name, string packed) => _assembly.GetManifestResourceStream($"{Prefix}{name}.{packed}")!;

    public Task SendAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        string path = context.Request.Path.Value!.TrimStart('/');
        bool isPart = path.Length > 0 && _names.Contains(Prefix + path + ".gz");
        return SendAsync(context, isPart ? path : Page);
    }

    private async Task SendAsync(HttpContext context, string name)
    {
        HttpResponse response = context.Response;
        IHeaderDictionary headers = response.Headers;
        headers.ContentSecurityPolicy = _policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // A hashed name never has another content.
        headers.CacheControl = name.StartsWith("assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        response.ContentType = TypeOf(name);
        string accepted = context.Request.Headers.AcceptEncoding.ToString();
        bool isBrotli = accepted.Contains("br", StringComparison.OrdinalIgnoreCase);
        bool isGzip = !isBrotli && accepted.Contains("gzip", StringComparison.OrdinalIgnoreCase);
        await using Stream stream = Open(name, isBrotli ? "br" : "gz");
        if (isBrotli || isGzip)
        {
            headers.ContentEncoding = isBrotli ? "br" : "gzip";
            response.ContentLength = stream.Length;
        }

        if (!HttpMethods.IsGet(context.Request.Method))
            return;
        // Who takes neither gets it as it was.
        await using Stream sent = isBrotli || isGzip ? stream : new GZipStream(stream, CompressionMode.Decompress);
        await sent.CopyToAsync(response.Body, context.RequestAborted);
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".json" or ".webmanifest" => "application/json",
        ".png" => "image/png",
        _ => "application/octet-stream",
    };
}
