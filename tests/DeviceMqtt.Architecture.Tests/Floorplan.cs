using System.Text;

namespace DeviceMqtt.Architecture.Tests;

/// <summary>Writes down what the code has: rows to paste into the document, and what has to be untangled before they are accepted.</summary>
internal static class Floorplan
{
    private const int ExamplesMax = 12;
    private const int CutsMax = 10;

    public static string Draw(IReadOnlyCollection<AssemblyView> found)
    {
        IReadOnlyList<AssemblyView> assemblies = BottomToTop(found);
        StringBuilder text = new();
        text.AppendLine($"## {Picture.AssemblyHeading}").AppendLine();
        text.AppendLine($"| {Picture.Assembly} | {Picture.MayName} |").AppendLine("|---|---|");
        foreach (AssemblyView assembly in assemblies)
        {
            text.AppendLine($"| {Short(assembly.Name)} | {Names(assembly.References.Select(Short))} |");
        }

        text.AppendLine().AppendLine($"## {Picture.FolderHeading}").AppendLine();
        text.AppendLine($"| {Picture.Assembly} | {Picture.Folder} | {Picture.MayName} |").AppendLine("|---|---|---|");
        foreach (AssemblyView assembly in assemblies)
        {
            DrawFolders(text, assembly);
        }

        text.AppendLine().AppendLine($"## {Picture.CircleHeading}").AppendLine();
        text.AppendLine($"| {Picture.Assembly} | {Picture.Files} | {Picture.Why} |").AppendLine("|---|---|---|");
        foreach ((AssemblyView assembly, IReadOnlyList<TypeFile> circle) in assemblies.SelectMany(assembly => assembly.Circles.Select(circle => (assembly, circle))))
        {
            text.AppendLine($"| {Short(assembly.Name)} | {Names(circle.Select(file => file.Name))} | |");
        }

        foreach (AssemblyView assembly in assemblies)
        {
            DrawTangle(text, assembly);
        }

        foreach (AssemblyView assembly in assemblies)
        {
            DrawFiles(text, assembly);
        }

        return text.ToString();
    }

    private static IReadOnlyList<AssemblyView> BottomToTop(IReadOnlyCollection<AssemblyView> assemblies) =>
        Circle.BottomToTop(
            assemblies,
            [.. from assembly in assemblies from other in assemblies where assembly.References.Contains(other.Name, StringComparer.Ordinal) select (assembly, other)]);

    private static void DrawFolders(StringBuilder text, AssemblyView assembly)
    {
        (string From, string To)[] arrows = [.. assembly.FolderArrows.Select(group => group.Key)];
        IReadOnlyList<string> folders = Circle.BottomToTop([.. assembly.Folders.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], arrows);
        foreach (string folder in folders)
        {
            text.AppendLine($"| {Short(assembly.Name)} | {folder} | {Names(folders.Where(named => arrows.Contains((folder, named))))} |");
        }
    }

    private static void DrawTangle(StringBuilder text, AssemblyView assembly)
    {
        ILookup<(string From, string To), Arrow> arrows = assembly.FolderArrows;
        (string From, string To)[] pairs =
            [.. arrows.Select(group => group.Key).Where(pair => string.CompareOrdinal(pair.From, pair.To) < 0 && arrows.Contains((pair.To, pair.From)))];
        IReadOnlyList<IReadOnlyList<string>> circles = Circle.Find(assembly.Folders.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), arrows.Select(group => group.Key));
        text.AppendLine().AppendLine($"# {assembly.Name}: {assembly.Folders.Count} files, pairs of folders that name each other: {pairs.Length}, "
            + $"circles of folders: {circles.Count}, circles of files: {assembly.Circles.Count}").AppendLine();
        foreach (IReadOnlyList<string> circle in circles)
        {
            text.AppendLine($"Circle of {circle.Count} folders: {string.Join(", ", circle)}");
            DrawCuts(text, circle, [.. arrows.Select(group => group.Key)], arrow => $"{arrow.From} -> {arrow.To} ({arrows[arrow].Count()} arrows)");
            foreach (IGrouping<(string From, string To), Arrow> inner in arrows
                .Where(group => circle.Contains(group.Key.From) && circle.Contains(group.Key.To))
                .OrderBy(group => group.Count()))
            {
                string mutual = arrows.Contains((inner.Key.To, inner.Key.From)) ? $", and {arrows[(inner.Key.To, inner.Key.From)].Count()} back" : "";
                string more = inner.Count() > ExamplesMax ? ", ..." : "";
                text.AppendLine($"  {inner.Key.From} -> {inner.Key.To}: {inner.Count()} arrows{mutual}: "
                    + string.Join(", ", inner.Take(ExamplesMax).Select(assembly.Describe)) + more);
            }
        }

        foreach (IReadOnlyList<TypeFile> circle in assembly.Circles)
        {
            text.AppendLine($"Circle of {circle.Count} files: {string.Join(", ", circle)}");
            DrawCuts(text, circle, [.. assembly.Arrows.Select(arrow => (arrow.From, arrow.To))], arrow => assembly.Describe(new Arrow(arrow.From, arrow.To)));
            foreach (TypeFile file in circle)
            {
                text.AppendLine($"  {assembly.Folders[file]}/{file} -> {string.Join(", ", assembly.Arrows.Where(arrow => arrow.From == file && circle.Contains(arrow.To)).Select(arrow => arrow.To))}");
            }
        }
    }

    private static void DrawFiles(StringBuilder text, AssemblyView assembly)
    {
        text.AppendLine().AppendLine($"# {assembly.Name}: what each file names").AppendLine();
        foreach (TypeFile file in assembly.Folders.Keys.OrderBy(file => assembly.Folders[file], StringComparer.Ordinal).ThenBy(file => file, TypeFile.ByName))
        {
            IEnumerable<string> named = assembly.Arrows.Where(arrow => arrow.From == file).Select(arrow => $"{assembly.Folders[arrow.To]}/{arrow.To}");
            text.AppendLine($"  {assembly.Folders[file]}/{file} -> {Names(named)}");
        }
    }

    // Which single arrow has to go to make the circle smaller by most.
    private static void DrawCuts<TNode>(StringBuilder text, IReadOnlyList<TNode> circle, (TNode From, TNode To)[] arrows, Func<(TNode From, TNode To), string> describe)
        where TNode : notnull
    {
        (TNode From, TNode To)[] inner = [.. arrows.Where(arrow => circle.Contains(arrow.From) && circle.Contains(arrow.To))];
        IEnumerable<((TNode From, TNode To) Arrow, int Left)> cuts = inner
            .Select(cut => (Arrow: cut, Left: Circle.Find(circle, inner.Where(arrow => !arrow.Equals(cut))).Select(left => left.Count).FirstOrDefault()))
            .Where(cut => cut.Left < circle.Count)
            .OrderBy(cut => cut.Left)
            .Take(CutsMax);
        foreach (((TNode From, TNode To) arrow, int left) in cuts)
        {
            text.AppendLine($"  without {describe(arrow)} the largest circle has {left}");
        }
    }

    private static string Short(string assembly) => assembly[AssemblyView.Ours.Length..];

    private static string Names(IEnumerable<string> names)
    {
        string text = string.Join(", ", names);
        return text.Length > 0 ? text : "nothing";
    }
}
