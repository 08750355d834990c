using System.Text;

namespace DeviceMqtt.Protocol;

/// <summary>The properties of a packet that is not hot, read out of their encoding; they must have been checked before.</summary>
internal sealed class PropertyValues
{
    private readonly Dictionary<PropertyId, uint> _numbers = [];
    private readonly Dictionary<PropertyId, byte[]> _bytes = [];
    private readonly List<UserProperty>? _userProperties;

    public PropertyValues(ReadOnlySpan<byte> properties)
    {
        var reader = new PropertyReader(properties);
        while (reader.TryRead(out PropertyId id, out uint number, out ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> value2))
        {
            switch (PropertyRules.GetType(id))
            {
                case PropertyType.Utf8StringPair:
                    (_userProperties ??= []).Add(new UserProperty(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(value2)));
                    break;
                case PropertyType.Utf8String or PropertyType.BinaryData:
                    _bytes[id] = bytes.ToArray();
                    break;
                default:
                    _numbers[id] = number;
                    break;
            }
        }
    }

    public IReadOnlyList<UserProperty> UserProperties => _userProperties is null ? [] : _userProperties;

    public uint? Number(PropertyId id) => _numbers.TryGetValue(id, out uint value) ? value : null;

    public string? Text(PropertyId id) => _bytes.TryGetValue(id, out byte[]? value) ? Encoding.UTF8.GetString(value) : null;

    public byte[]? Binary(PropertyId id) => _bytes.GetValueOrDefault(id);
}
