using System.Net;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// Who is behind a reverse proxy of HTTP. A trusted one (<see cref="TrustedProxies"/>) says so in <c>X-Forwarded-For</c>. A request that came through any proxy,
/// trusted or not, is never local.
/// </summary>
internal static class ForwardedClient
{
    // What proxies add: RFC 7239, RFC 9110 section 7.6.3, and the custom of nginx and others.
    private static readonly string[] Marks = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"];

    private sealed record Proxied;

    private static readonly Proxied Mark = new();

    /// <summary>Puts it before everything that asks for the address of a request.</summary>
    public static void Use(WebApplication app, TrustedProxies trusted)
    {
        app.Use((context, next) =>
        {
            IPAddress? address = context.Connection.RemoteIpAddress;
            if (Array.Exists(Marks, context.Request.Headers.ContainsKey) || (address is not null && trusted.Contains(new IPEndPoint(address, 0))))
                context.Features.Set(Mark);
            return next(context);
        });
        if (trusted.Networks.Count == 0)
            return; // Without a list the middleware would believe anybody.
        ForwardedHeadersOptions options = new() { ForwardedHeaders = Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (IPNetwork network in trusted.Networks)
            options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }

    /// <summary>Where the client of a request is; null where nobody knows.</summary>
    public static EndPoint? RemoteOf(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
            return null;
        return new ClientEndPoint(address, context.Connection.RemotePort) { IsProxied = context.Features.Get<Proxied>() is not null };
    }
}
