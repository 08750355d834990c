using System.IO.Enumeration;
using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Which devices a person means: names, Client Identifiers, groups and patterns, with commas between.</summary>
internal static class DeviceChoice
{
    /// <param name="words">What was written.</param>
    /// <param name="devices">All that there are.</param>
    /// <param name="unknown">The first word that no device fits; null when there is none.</param>
    public static IReadOnlyList<Device> Of(string words, IReadOnlyList<Device> devices, out string? unknown)
    {
        List<Device> chosen = [];
        unknown = null;
        foreach (string word in words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            Device[] fitting = [.. devices.Where(device => Fits(word, device))];
            if (fitting.Length == 0)
                unknown ??= word;
            chosen.AddRange(fitting.Where(device => !chosen.Contains(device)));
        }

        return chosen;
    }

    private static bool Fits(string word, Device device) =>
        word == device.Name || word == device.ClientId
        || (ClientId.TrySplitGroup(device.ClientId, out string group, out string inGroup) && (word == group || word == inGroup))
        || (word.AsSpan().ContainsAny('*', '?') && (FileSystemName.MatchesSimpleExpression(word, device.Name, ignoreCase: false) || FileSystemName.MatchesSimpleExpression(word, device.ClientId, ignoreCase: false)));
}
