using System.Collections;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>A line whose text has a bound, with the values of the line as it was said.</summary>
internal sealed class BoundedLine(string text, IReadOnlyList<KeyValuePair<string, object?>> values) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public string Text => text;

    public int Count => values.Count;

    public KeyValuePair<string, object?> this[int index] => values[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
