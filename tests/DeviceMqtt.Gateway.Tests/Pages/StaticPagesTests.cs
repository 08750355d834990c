using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>The console's page: as it was built, light, and closed to what is not its own.</summary>
[TestClass]
public sealed class StaticPagesTests
{
    private const int FirstPageBytesMax = 100 * 1024;

    // As gateway/console/pack.mjs makes it.
    private static readonly string[] Single = ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "pack.mjs"];

    [TestMethod]
    public void Build_CheckedIn_IsOfTheseSources()
    {
        string console = Path.Combine(Tree.Root(), "gateway", "console");
        IEnumerable<string> files = Directory.EnumerateFiles(Path.Combine(console, "src"), "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(console, f).Replace('\\', '/')).Concat(Single).Order(StringComparer.Ordinal);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
            hash.AppendData(Encoding.UTF8.GetBytes($"{file}\n{File.ReadAllText(Path.Combine(console, file)).ReplaceLineEndings("\n")}\n"));

        Assert.AreEqual(Convert.ToHexStringLower(hash.GetHashAndReset()), File.ReadAllText(Path.Combine(console, "dist", "sources.sha256")).Trim(), "the console's sources have changed: npm run build in gateway/console");
    }

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
        StringAssert.StartsWith(policy, "default-src 'none'; script-src 'self'; style-src 'self';", StringComparison.Ordinal);
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

    [TestMethod]
    public async Task Page_Posted_NotAllowed()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();

        using HttpResponseMessage answer = await console.Client.PostAsync(new Uri("/devices", UriKind.Relative), content: null);

        Assert.AreEqual(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }
}
