using System.Text;
using DeviceMqtt.HomeAssistant;

namespace DeviceMqtt.Gateway.Tests.HomeAssistant;

/// <summary>Discovery with the usual topics, and what it has published, as a broker would keep it.</summary>
internal sealed class Discovering
{
    public static readonly DiscoveryTopics Topics = new("homeassistant", "ha", "dm");

    public Discovering(int devicesMax = 100) => Discovery = new Discovery(Topics, "here", devicesMax);

    public Discovery Discovery { get; }

    /// <summary>How many messages were published.</summary>
    public int Count { get; private set; }

    /// <summary>All documents of the device, in their order.</summary>
    public List<string> Documents { get; } = [];

    /// <summary>By topic, what is retained there.</summary>
    public Dictionary<string, string> Retained { get; } = new(StringComparer.Ordinal);

    public void Take(IEnumerable<Telling> tellings)
    {
        foreach (Telling telling in tellings)
        {
            Count++;
            if (telling.Topic.EndsWith("/config", StringComparison.Ordinal))
                Documents.Add(Encoding.UTF8.GetString(telling.Payload));
            if (telling.Payload.Length == 0)
                _ = Retained.Remove(telling.Topic);
            else
                Retained[telling.Topic] = Encoding.UTF8.GetString(telling.Payload);
        }
    }

    public void Birth(string json, double? now = null) => Take(Discovery.SeeBirth("kitchen", Encoding.UTF8.GetBytes(json), now));

    public void Event(string json) => Take(Discovery.SeeEvent("kitchen", "relay", Encoding.UTF8.GetBytes(json)));
}
