using System.Text;
using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Tree;

/// <summary>Links between the documents lead somewhere.</summary>
[TestClass]
public sealed partial class TidyDocumentTests
{
    [TestMethod]
    public void Links_OfEveryDocument_Resolve() =>
        Findings.AreNone(Repository.Files(".md").SelectMany(BrokenLinks), "links that lead nowhere");

    private static IEnumerable<string> BrokenLinks(string document)
    {
        string text = WithoutCode(Repository.Read(document));
        foreach (Match match in Link().Matches(text))
        {
            string target = match.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
            {
                continue;
            }

            string[] parts = target.Split('#', 2);
            string path = parts[0].Length == 0
                ? document
                : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, Uri.UnescapeDataString(parts[0])));
            bool isThere = Path.Exists(Path.Combine(Repository.Root, path));
            if (!isThere || (parts.Length == 2 && !Anchors(path).Contains(parts[1])))
            {
                yield return $"{document}: {target}";
            }
        }
    }

    // The names GitHub gives to headings: lower case, blanks to '-', no punctuation.
    private static HashSet<string> Anchors(string document)
    {
        HashSet<string> anchors = new(StringComparer.Ordinal);
        foreach (Match match in Heading().Matches(WithoutCode(Repository.Read(document))))
        {
            StringBuilder anchor = new();
            foreach (char letter in match.Groups["text"].Value.Trim().ToLowerInvariant())
            {
                if (letter is ' ' or '-')
                {
                    anchor.Append('-');
                }
                else if (char.IsLetterOrDigit(letter) || letter == '_')
                {
                    anchor.Append(letter);
                }
            }

            anchors.Add(anchor.ToString());
        }

        return anchors;
    }

    private static string WithoutCode(string text) => Code().Replace(text, "");

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)(\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();
}
