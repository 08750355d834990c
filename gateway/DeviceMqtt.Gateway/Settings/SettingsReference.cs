using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Xml.Linq;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>
/// Every setting there is, with its default and what its docstring says of it: read from the types that hold the settings, so that
/// what a person reads is what the code does. The docstrings are the XML files beside the program.
/// </summary>
internal sealed class SettingsReference
{
    private readonly Dictionary<string, string> _summaries = new(StringComparer.Ordinal);
    private readonly List<SettingEntry> _entries = [];

    /// <param name="folder">Of the program and its XML files; one that is missing leaves its settings without words.</param>
    public SettingsReference(string folder)
    {
        foreach (Type type in (Type[])[typeof(GatewayOptions), typeof(GroupPolicy), typeof(RelayOptions)])
            ReadSummaries(Path.Combine(folder, type.Assembly.GetName().Name + ".xml"));
        Collect(typeof(GatewayOptions), new GatewayOptions(), prefix: "", depth: 0);
    }

    /// <summary>In the order of the sections, and within one as they stand in the code.</summary>
    public IReadOnlyList<SettingEntry> Entries => _entries;

    /// <summary>The setting of a key, whatever its case; null when there is none.</summary>
    /// <param name="key"><c>Section:Key</c>; in a list any number stands for all (<c>Relays:0:Name</c>).</param>
    public SettingEntry? Find(string key)
    {
        string[] names = key.Split(':');
        return _entries.Find(entry => entry.Matches(names));
    }

    private void ReadSummaries(string file)
    {
        if (!File.Exists(file))
            return;
        foreach (XElement member in XDocument.Load(file).Descendants("member"))
            if (member.Attribute("name")?.Value is { } name && name.StartsWith("P:", StringComparison.Ordinal) && member.Element("summary") is { } summary)
                _summaries[name[2..]] = TextOf(summary);
    }

    // Plain words: references are named by their last part.
    private static string TextOf(XElement summary)
    {
        IEnumerable<string> parts = summary.Nodes().Select(static node => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "see" } see => (see.Attribute("cref") ?? see.Attribute("langword"))?.Value.Split('.', ':')[^1] ?? "",
            XElement element => element.Value,
            _ => "",
        });
        return string.Join(' ', string.Concat(parts).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private void Collect(Type type, object? defaults, string prefix, int depth)
    {
        const int DepthMax = 5; // far more than any section has
        if (depth > DepthMax)
            throw new InvalidOperationException($"the settings below {prefix} are nested too deeply");
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanWrite).OrderBy(static p => p.MetadataToken))
        {
            string key = prefix + property.Name;
            // Where the default is of the machine, an attribute says how it is made.
            object? value = property.GetCustomAttribute<DefaultValueAttribute>()?.Value ?? (defaults is null ? null : property.GetValue(defaults));
            Type kind = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (IsScalar(kind))
                Add(key, property, kind, value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString());
            else if (ItemOf(kind) is not { } item)
                Collect(kind, value, key + ":", depth + 1);
            else if (IsScalar(item))
                Add(key + PlaceIn(kind), property, item, fallback: null);
            else if (ItemOf(item) is { } inner && IsScalar(inner))
                Add(key + PlaceIn(kind) + PlaceIn(item), property, inner, fallback: null);
            else
                Collect(item, Activator.CreateInstance(item), $"{key}{PlaceIn(kind)}:", depth + 1);
        }
    }

    private void Add(string key, PropertyInfo property, Type kind, string? fallback) =>
        _entries.Add(new SettingEntry(key, kind, fallback, _summaries.GetValueOrDefault($"{property.DeclaringType!.FullName}.{property.Name}", "")));

    private static string PlaceIn(Type collection) => typeof(IDictionary).IsAssignableFrom(collection) ? ":NAME" : ":0";

    private static bool IsScalar(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan);

    // What a list holds, or the values of a dictionary; null for a section.
    private static Type? ItemOf(Type type) =>
        typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType ? type.GetGenericArguments()[^1] : null;
}
