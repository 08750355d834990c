using System.Globalization;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// What to show of the list: words that name, group, board or Client Identifier have in them, <c>state:overdue</c>, <c>group:</c>, <c>board:</c>,
/// and comparisons like <c>fw&lt;0.2</c>, <c>rssi&lt;-80</c>, <c>batt&lt;20</c>, <c>waits&gt;0</c>. All of them must hold.
/// </summary>
internal sealed class DeviceQuery
{
    private const int TermsMax = 10;
    private delegate bool Term(in DeviceKey row);

    private delegate double? Figure(in DeviceKey row);

    private delegate int Order(in DeviceKey a, in DeviceKey b);

    private readonly List<Term> _terms = [];

    /// <summary>The orders that <see cref="Sort"/> knows.</summary>
    public static readonly IReadOnlyList<string> Orders = [.. ((string[])["name", "state", "heard", "since", "rssi", "batt", "fw", "waits", "group"]).SelectMany(static order => (string[])[order, "-" + order])];

    private DeviceQuery()
    {
    }

    /// <returns>Null when it cannot be understood; then <paramref name="wrong"/> says why.</returns>
    public static DeviceQuery? Parse(string? text, out string wrong)
    {
        wrong = "";
        DeviceQuery query = new();
        string[] words = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > TermsMax)
        {
            wrong = $"a filter has at most {TermsMax} words";
            return null;
        }

        foreach (string word in words)
        {
            if (TermOf(word) is not { } term)
            {
                wrong = $"'{word}' cannot be understood: a comparison is one of fw, rssi, batt, waits, notes with <, > or = and a number";
                return null;
            }

            query._terms.Add(term);
        }

        return query;
    }

    public bool Fits(in DeviceKey row)
    {
        foreach (Term term in _terms)
            if (!term(row))
                return false;
        return true;
    }

    /// <summary>In an order: name, state, heard, since, rssi, batt, fw, waits, group; with - in front the other way round.</summary>
    /// <param name="rows">Where each is among the keys.</param>
    /// <param name="keys">Of all devices.</param>
    /// <param name="order">Null for by name.</param>
    public static void Sort(List<int> rows, DeviceKey[] keys, string? order)
    {
        bool isDown = order?.StartsWith('-') == true;
        Order by = order?.TrimStart('-') switch
        {
            "state" => static (in a, in b) => Rank(a.State).CompareTo(Rank(b.State)),
            "heard" => static (in a, in b) => b.Heard.CompareTo(a.Heard),
            "since" => static (in a, in b) => b.Since.CompareTo(a.Since),
            "rssi" => static (in a, in b) => Nullable.Compare(a.Rssi, b.Rssi),
            "batt" => static (in a, in b) => Nullable.Compare(a.Battery, b.Battery),
            "fw" => static (in a, in b) => CompareVersions(a.Firmware, b.Firmware),
            "waits" => static (in a, in b) => b.Waiting.CompareTo(a.Waiting),
            "group" => static (in a, in b) => CompareNames(a.Group, b.Group),
            _ => static (in a, in b) => CompareNames(a.Name, b.Name),
        };
        rows.Sort((a, b) =>
        {
            int compared = by(keys[a], keys[b]);
            return compared == 0 ? CompareNames(keys[a].Name, keys[b].Name) : isDown ? -compared : compared;
        });
    }

    private static Term? TermOf(string word)
    {
        int colon = word.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
        {
            string value = word[(colon + 1)..];
            switch (word[..colon])
            {
                case "state": return (in row) => row.State.StartsWith(value, StringComparison.OrdinalIgnoreCase);
                case "group": return (in row) => row.Group.Contains(value, StringComparison.OrdinalIgnoreCase);
                case "board": return (in row) => row.Board.Contains(value, StringComparison.OrdinalIgnoreCase);
            }
        }

        int sign = word.IndexOfAny(['<', '>', '=']);
        if (sign > 0)
            return Comparing(word[..sign], word[sign], word[(sign + 1)..]);
        return (in row) => row.Name.Contains(word, StringComparison.OrdinalIgnoreCase) || row.Group.Contains(word, StringComparison.OrdinalIgnoreCase)
            || row.ClientId.Contains(word, StringComparison.OrdinalIgnoreCase) || row.Board.Contains(word, StringComparison.OrdinalIgnoreCase);
    }

    private static Term? Comparing(string what, char sign, string value)
    {
        if (what == "fw")
            return (in row) => row.Firmware.Length > 0 && Holds(CompareVersions(row.Firmware, value), sign);
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return null;
        Figure? read = what switch
        {
            "rssi" => static (in row) => row.Rssi,
            "batt" => static (in row) => row.Battery,
            "waits" => static (in row) => row.Waiting,
            "notes" => static (in row) => row.Notes,
            _ => null,
        };
        return read is null ? null : (in row) => read(row) is { } found && Holds(found.CompareTo(number), sign);
    }

    private static bool Holds(int compared, char sign) => sign switch { '<' => compared < 0, '>' => compared > 0, _ => compared == 0 };

    private static int Rank(string state) => state switch { DeviceRows.Overdue => 0, DeviceRows.Offline => 1, DeviceRows.Never => 2, DeviceRows.Asleep => 3, _ => 4 };

    // board-2 stands before board-10.
    private static int CompareNames(string a, string b)
    {
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            if (char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j]))
            {
                int compared = CompareNumbers(Digits(a, ref i), Digits(b, ref j));
                if (compared != 0)
                    return compared;
                continue;
            }

            int letters = char.ToUpperInvariant(a[i++]).CompareTo(char.ToUpperInvariant(b[j++]));
            if (letters != 0)
                return letters;
        }

        int rest = (a.Length - i).CompareTo(b.Length - j);
        return rest != 0 ? rest : string.CompareOrdinal(a, b);
    }

    private static ReadOnlySpan<char> Digits(string text, ref int at)
    {
        int from = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return text.AsSpan(from, at - from).TrimStart('0');
    }

    private static int CompareNumbers(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);

    private static int CompareVersions(string a, string b) => CompareNames(a, b);
}
