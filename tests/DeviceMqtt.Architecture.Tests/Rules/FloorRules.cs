namespace DeviceMqtt.Architecture.Tests.Rules;

/// <summary>What the code and the tables of the document must have in common. Each rule returns what offends it, in words.</summary>
internal static class FloorRules
{
    private const int ExamplesMax = 5;

    /// <summary>Arrows between folders that the table does not have, and folders without a row.</summary>
    public static IEnumerable<string> ArrowsOutsideTheTable(AssemblyView assembly, Picture picture)
    {
        Dictionary<string, FolderRow> rows = Rows(assembly.Name, picture);
        foreach (string folder in assembly.Folders.Values.Distinct(StringComparer.Ordinal).Where(folder => !rows.ContainsKey(folder)).Order(StringComparer.Ordinal))
        {
            yield return $"{assembly.Name}: the folder {folder} has no row";
        }

        foreach (IGrouping<(string From, string To), Arrow> found in assembly.FolderArrows)
        {
            if (rows.TryGetValue(found.Key.From, out FolderRow? row) && !row.MayName.Contains(found.Key.To, StringComparer.Ordinal))
            {
                yield return $"{row.Place}: {assembly.Name}: {found.Key.From} may not name {found.Key.To}: {Examples(assembly, [.. found])}";
            }
        }
    }

    /// <summary>Rows and arrows of the table that the code does not have any more.</summary>
    public static IEnumerable<string> ArrowsOnlyInTheTable(AssemblyView assembly, Picture picture)
    {
        ILookup<(string From, string To), Arrow> found = assembly.FolderArrows;
        foreach (FolderRow row in Rows(assembly.Name, picture).Values)
        {
            if (!assembly.Folders.Values.Contains(row.Folder, StringComparer.Ordinal))
            {
                yield return $"{row.Place}: {assembly.Name} has no folder {row.Folder} with a type in it";
            }

            foreach (string named in row.MayName.Where(named => !found.Contains((row.Folder, named))))
            {
                yield return $"{row.Place}: {assembly.Name}: {row.Folder} names nothing of {named}";
            }
        }
    }

    /// <summary>Folders that name each other, directly or around a corner, by the table alone.</summary>
    public static IEnumerable<string> CirclesOfFolders(string assembly, Picture picture)
    {
        Dictionary<string, FolderRow> rows = Rows(assembly, picture);
        (string From, string To)[] arrows = [.. rows.Values.SelectMany(row => row.MayName.Select(named => (row.Folder, named)))];
        foreach ((string from, string to) in arrows.Where(arrow => string.CompareOrdinal(arrow.From, arrow.To) <= 0 && arrows.Contains((arrow.To, arrow.From))))
        {
            yield return from == to ? $"{rows[from].Place}: {assembly}: {from} names itself" : $"{rows[from].Place}: {assembly}: {from} and {to} name each other";
        }

        foreach (IReadOnlyList<string> circle in Circle.Find(rows.Keys, arrows))
        {
            yield return $"{assembly}: a circle of folders: {string.Join(", ", circle)}";
        }
    }

    /// <summary>Rows that name a folder which stands in no row above them: the table goes from the bottom to the top.</summary>
    public static IEnumerable<string> RowsOutOfOrder(string assembly, Picture picture)
    {
        HashSet<string> above = new(StringComparer.Ordinal);
        foreach (FolderRow row in picture.Folders.Where(row => row.Assembly == assembly))
        {
            foreach (string named in row.MayName.Where(named => !above.Contains(named)))
            {
                yield return $"{row.Place}: {assembly}: {row.Folder} names {named}, which has no row above it";
            }

            above.Add(row.Folder);
        }
    }

    /// <summary>Circles of files that are too large, or that the table does not have.</summary>
    public static IEnumerable<string> CirclesOutsideTheTable(AssemblyView assembly, Picture picture)
    {
        const int MembersMax = 4;
        foreach (string[] circle in assembly.Circles.Select(Names))
        {
            if (circle.Length > MembersMax)
            {
                yield return $"{assembly.Name}: a circle of {circle.Length} files, {MembersMax} are the most: {string.Join(", ", circle)}";
            }
            else if (!Circles(assembly.Name, picture).Any(row => row.Files.SequenceEqual(circle, StringComparer.Ordinal)))
            {
                yield return $"{assembly.Name}: a circle that is not in the table '{Picture.CircleHeading}': {string.Join(", ", circle)}";
            }
        }
    }

    /// <summary>Circles of the table that are none any more.</summary>
    public static IEnumerable<string> CirclesOnlyInTheTable(AssemblyView assembly, Picture picture) =>
        Circles(assembly.Name, picture)
            .Where(row => !assembly.Circles.Any(circle => row.Files.SequenceEqual(Names(circle), StringComparer.Ordinal)))
            .Select(row => $"{row.Place}: {assembly.Name} has no circle of exactly these files: {string.Join(", ", row.Files)}");

    /// <summary>References to assemblies of ours that the table does not have.</summary>
    public static IEnumerable<string> ReferencesOutsideTheTable(AssemblyView assembly, Picture picture)
    {
        AssemblyRow? row = picture.Assemblies.FirstOrDefault(row => row.Assembly == assembly.Name);
        return row is null
            ? [$"{assembly.Name} has no row in the table '{Picture.AssemblyHeading}'"]
            : assembly.References.Except(row.MayName, StringComparer.Ordinal).Select(named => $"{row.Place}: {assembly.Name} may not name {named}");
    }

    /// <summary>Rows that name an assembly which stands in no row above them, although it is one of the gateway's.</summary>
    public static IEnumerable<string> AssembliesOutOfOrder(Picture picture)
    {
        HashSet<string> isBelow = new(picture.Assemblies.Select(row => row.Assembly), StringComparer.Ordinal);
        foreach (AssemblyRow row in picture.Assemblies.Reverse())
        {
            isBelow.Remove(row.Assembly);
            foreach (string named in row.MayName.Where(named => !isBelow.Contains(named) && picture.Assemblies.Any(other => other.Assembly == named)))
            {
                yield return $"{row.Place}: {row.Assembly} names {named}, which has no row above it";
            }
        }
    }

    /// <summary>Rows about assemblies that are not there, in any of the tables: without this, such a row would go unread.</summary>
    public static IEnumerable<string> RowsOfNoAssembly(IReadOnlyCollection<AssemblyView> assemblies, Picture picture) =>
        picture.Assemblies.Select(row => (row.Place, row.Assembly))
            .Concat(picture.Folders.Select(row => (row.Place, row.Assembly)))
            .Concat(picture.Circles.Select(row => (row.Place, row.Assembly)))
            .Where(row => !assemblies.Any(assembly => assembly.Name == row.Assembly))
            .Select(row => $"{row.Place}: there is no {row.Assembly} below gateway/");

    private static string[] Names(IReadOnlyList<TypeFile> circle) => [.. circle.Select(file => file.Name).Order(StringComparer.Ordinal)];

    private static Dictionary<string, FolderRow> Rows(string assembly, Picture picture) =>
        picture.Folders.Where(row => row.Assembly == assembly).ToDictionary(row => row.Folder, StringComparer.Ordinal);

    private static IEnumerable<CircleRow> Circles(string assembly, Picture picture) => picture.Circles.Where(row => row.Assembly == assembly);

    private static string Examples(AssemblyView assembly, IReadOnlyCollection<Arrow> arrows)
    {
        string more = arrows.Count > ExamplesMax ? $", and {arrows.Count - ExamplesMax} more" : "";
        return $"{string.Join(", ", arrows.Take(ExamplesMax).Select(assembly.Describe))}{more}";
    }
}
