using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>What is above clients' certificates, so that each is in memory once, and not for each of its clients. Safe from any thread.</summary>
internal sealed class ChainsAbove
{
    // Chosen: a house has one or two authorities, and somebody's own may have a few below it. Further ones are made for each client.
    private const int KeptMax = 64;
    private readonly ConcurrentDictionary<string, ChainAbove> _kept = new(StringComparer.Ordinal);

    public ChainAbove Of(X509Chain chain)
    {
        // A certificate without one above it is an authority's own, which the settings have.
        IEnumerable<X509ChainElement> above = chain.ChainElements.Count > 1 ? chain.ChainElements.Skip(1) : chain.ChainElements;
        string key = string.Join('/', above.Select(static element => element.Certificate.Thumbprint));
        if (_kept.TryGetValue(key, out ChainAbove? known))
            return known;
        ChainAbove made = ChainAbove.Of(chain);
        return _kept.Count < KeptMax ? _kept.GetOrAdd(key, made) : made;
    }
}
