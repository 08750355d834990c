using System.Runtime.CompilerServices;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Section <c>Otlp</c>: the gateway's figures to a collector, by the OpenTelemetry protocol.</summary>
internal sealed class OtlpOptions
{
    /// <summary>Where the collector takes OTLP: <c>http://collector:4318</c> over HTTP, or with <see cref="Grpc"/> <c>http://collector:4317</c>. Empty: nothing is sent, and nothing of it is loaded.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Speak gRPC instead of HTTP with Protobuf.</summary>
    public bool Grpc { get; set; }

    /// <summary>Headers of each request, <c>name=value</c> with commas between: for a collector that asks for a key. Never shown.</summary>
    public string HeadersSecret { get; set; } = "";

    /// <summary>Seconds between two transmissions.</summary>
    public int IntervalSeconds { get; set; } = 60;

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check() =>
        Endpoint.Length > 0 && !IsAddress(Endpoint) ? $"Otlp:Endpoint is '{Endpoint}'; it must be http://host:port or https://host:port"
        : IntervalSeconds is < 1 or > 86_400 ? $"Otlp:IntervalSeconds is {IntervalSeconds}; it must be between 1 and 86400"
        : null;

    // By itself: where no address is set nothing of URIs is loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https";
}
