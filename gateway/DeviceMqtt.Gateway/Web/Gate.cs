using DeviceMqtt.Gateway.Security;
using Microsoft.Net.Http.Headers;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// Lets through to the API who may: by the cookie of a login, or by a key (<c>Authorization: Bearer</c>). What changes something and comes
/// with a cookie also needs the header <see cref="OwnHeader"/>, which a page of another site cannot send, and no foreign <c>Origin</c>.
/// </summary>
internal sealed class Gate(Accounts accounts, SessionStore sessions, OriginRules origins, RequestBodies bodies, AnswerRoom answers)
{
    public const string OwnHeader = "X-DeviceMqtt";
    private const string PlainCookie = "devicemqtt";
    private const string SecureCookie = "__Host-devicemqtt"; // bound to https and this host (RFC 6265bis, section 4.1.3.2)
    private const string Bearer = "Bearer ";

    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        if (!await bodies.AdmitAsync(context))
            return;
        if (context.GetEndpoint()?.Metadata.GetMetadata<Needs>() is not { Role: { } needed })
        {
            await next(context);
            return;
        }

        if (!accounts.HasOperator)
        {
            await Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "No operator yet", "Nothing is open before an operator has a password.", "Open the console and enter the code from the log, or from 'devicemqtt user code'.");
            return;
        }

        if (Find(context) is not { } caller)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, "Not logged in", "This needs a login or an API key.", "Log in to the console, or send 'Authorization: Bearer KEY'.");
            return;
        }

        if (caller.Role < needed)
        {
            await Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "Not allowed", $"This needs the role {needed.ToString().ToLowerInvariant()}; {caller.Name} is {caller.Role.ToString().ToLowerInvariant()}.", "Ask an operator.");
            return;
        }

        if (caller.Token is not null && !IsOwn(context))
        {
            await Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "Not from the console", $"A change with a cookie needs the header {OwnHeader} and must not come from a page of another site.", null);
            return;
        }

        Caller.Set(context, caller);
        if (await AnswerLease.TryBeginAsync(context, answers, caller))
            await bodies.RunAsync(context, next);
    }

    /// <summary>Told of each request for which it was found out whether somebody is logged in, and who.</summary>
    public Action<HttpContext, Caller?>? Found { get; init; }

    /// <summary>Who it is; null for a stranger.</summary>
    public Caller? Find(HttpContext context)
    {
        Caller? caller = Look(context);
        Found?.Invoke(context, caller);
        return caller;
    }

    private Caller? Look(HttpContext context)
    {
        string? authorization = context.Request.Headers.Authorization;
        if (authorization?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true)
            return accounts.TryFindKey(authorization[Bearer.Length..].Trim(), out ApiKey? key, out ConsoleRole ofKey) ? new Caller(key.Name, ofKey, Token: null) : null;
        return context.Request.Cookies[NameOf(context)] is { } token ? Find(token, isRequest: true) : null;
    }

    /// <summary>Whoever has begun a stream may go on with it: it is still logged in, and may still do as much.</summary>
    public bool MayGoOn(HttpContext context)
    {
        Caller caller = Caller.Of(context);
        return (caller.Token is { } token ? Find(token, isRequest: false) : Find(context))?.Role == caller.Role;
    }

    /// <summary>A request that reads, or one that only a page of this gateway can have made.</summary>
    public bool IsOwn(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
        || (context.Request.Headers.ContainsKey(OwnHeader) && IsFromHere(context));

    public static void SetCookie(HttpContext context, string token) =>
        context.Response.Headers.Append(HeaderNames.SetCookie, $"{NameOf(context)}={token}; Path=/; HttpOnly; SameSite=Strict{(context.Request.IsHttps ? "; Secure" : "")}");

    public static void ClearCookie(HttpContext context) =>
        context.Response.Headers.Append(HeaderNames.SetCookie, $"{NameOf(context)}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{(context.Request.IsHttps ? "; Secure" : "")}");

    // The own header cannot be sent across sites without a preflight, which nobody answers; Origin is the second look. A name of this machine that the
    // rules do not know is all right when the page has it too: the cookie is the same site's.
    private bool IsFromHere(HttpContext context)
    {
        string? origin = context.Request.Headers.Origin;
        return string.IsNullOrEmpty(origin) || origins.Allows(origin, context.Request.Host)
            || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Authority.Equals(context.Request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    // A user that has another password or role since, or is gone, has to log in anew.
    private Caller? Find(string token, bool isRequest)
    {
        if (sessions.Find(token, isRequest) is not { } session)
            return null;
        if (accounts.RoleOf(session.User, session.Stamp) is { } role)
            return new Caller(session.User, role, token);
        sessions.End(token);
        return null;
    }

    private static string NameOf(HttpContext context) => context.Request.IsHttps ? SecureCookie : PlainCookie;
}
