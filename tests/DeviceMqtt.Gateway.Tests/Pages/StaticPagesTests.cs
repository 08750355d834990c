using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>The console's page: as it was built, light, and closed to what is not its own.</summary>
[TestClass]
public sealed partial class StaticPagesTests
{
    private const int FirstPageBytesMax = 100 * 1024;

    // As gateway/console/pack.mjs makes it.
    private static readonly string[] Single = ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "pack.mjs"];

    [TestMethod]
    public void Build_CheckedIn_IsOfTheseSources()
    {
        string console = Path.Combine(Tree.Root(), "gateway", "console");
        IEnumerable<string> files = Directory.EnumerateFiles(Path.Combine(console, "src"), "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(console, f).Replace('\\', '/')).Concat(Wiring()).Concat(Single).Order(StringComparer.Ordinal);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
            hash.AppendData(Encoding.UTF8.GetBytes($"{file}\n{File.ReadAllText(Path.Combine(console, file)).ReplaceLineEndings("\n")}\n"));

        Assert.AreEqual(Convert.ToHexStringLower(hash.GetHashAndReset()), File.ReadAllText(Path.Combine(console, "dist", "sources.sha256")).Trim(), "the console's sources have changed: npm run build in gateway/console");
    }

    // Some were shown by the names that the code has for them.
    [TestMethod]
    public void Health_EachDropReason_HasWords()
    {
        string page = File.ReadAllText(Path.Combine(Tree.Root(), "gateway", "console", "src", "pages", "health.tsx"));
        string[] named = [.. NamedIn().Matches(WordsOfDrops().Match(page).Value).Select(static m => m.Value)];

        CollectionAssert.AreEquivalent(Enum.GetNames<DropReason>(), named);
    }

    // The page Add a device has the pictures of the boards.
    private static IEnumerable<string> Wiring() => Directory.EnumerateDirectories(Path.Combine(Tree.Root(), "hardware", "boards"))
        .SelectMany(static board => ((string[])["pins.json", "wiring.svg"]).Select(name => $"../../hardware/boards/{Path.GetFileName(board)}/{name}"));

    [TestMethod]
    [DataRow("/")]
    [DataRow("/devices")]
    [DataRow("/devices/kitchen/events")]
    public async Task Page_OfAnyView_IsTheOnePageWithItsPolicy(string path)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();

        using HttpResponseMessage answer = await console.Client.GetAsync(new Uri(path, UriKind.Relative));

        StringAssert.Contains(await answer.Content.ReadAsStringAsync(), "<div id=\"app\">", StringComparison.Ordinal);
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        StringAssert.Matches(policy, OwnScripts());
        Assert.IsFalse(policy.Contains("unsafe", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task FirstPage_Compressed_IsLight()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();
        string page = await console.Client.GetStringAsync(new Uri("/", UriKind.Relative));
        string[] parts = [.. page.Split('"').Where(static p => p.StartsWith("/assets/", StringComparison.Ordinal))];
        Assert.IsGreaterThanOrEqualTo(2, parts.Length, page);
        console.Client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("br"));
        long bytes = 0;
        foreach (string part in (string[])["/", .. parts])
        {
            using HttpResponseMessage answer = await console.Client.GetAsync(new Uri(part, UriKind.Relative));
            Assert.AreEqual("br", answer.Content.Headers.ContentEncoding.Single());
            if (part != "/")
                StringAssert.Contains(answer.Headers.CacheControl!.ToString(), "immutable", StringComparison.Ordinal);
            bytes += answer.Content.Headers.ContentLength!.Value;
        }

        Assert.IsLessThanOrEqualTo(FirstPageBytesMax, bytes);
    }

    // The one script in the page may run, and no other that somebody gets into it.
    [TestMethod]
    public async Task Policy_NamesTheScriptInThePage()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();

        using HttpResponseMessage answer = await console.Client.GetAsync(new Uri("/", UriKind.Relative));

        Match script = ScriptInPage().Match(await answer.Content.ReadAsStringAsync());
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script.Value)));
        Assert.Contains($"'sha256-{hash}'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [GeneratedRegex("^default-src 'none'; script-src 'self' 'sha256-[A-Za-z0-9+/=]{44}'; style-src 'self';")]
    private static partial Regex OwnScripts();

    [GeneratedRegex(@"(?<=const DROPS = words<string>\(\{).*?(?=\}\))", RegexOptions.Singleline)]
    private static partial Regex WordsOfDrops();

    [GeneratedRegex(@"\w+(?=: ')")]
    private static partial Regex NamedIn();

    [GeneratedRegex("(?<=<script>).*?(?=</script>)", RegexOptions.Singleline)]
    private static partial Regex ScriptInPage();

    [TestMethod]
    public async Task Page_Posted_NotAllowed()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();

        using HttpResponseMessage answer = await console.Client.PostAsync(new Uri("/devices", UriKind.Relative), content: null);

        Assert.AreEqual(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }
}
