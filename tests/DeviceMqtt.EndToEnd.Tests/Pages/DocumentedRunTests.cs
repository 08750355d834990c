using System.Text.RegularExpressions;
using DeviceMqtt.Gateway.Tests.Settings;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>Each command of a page does what the page says, in its order, at a desk of its own; but for those that <see cref="NotRun"/> names.</summary>
[TestClass]
public sealed class DocumentedRunTests
{
    // What somebody new reads. The others with --long of the test command.
    private static readonly string[] InEveryRun = ["README.md", "firmware/README.md", "gateway/docs/how-to/first-evening.md", "gateway/docs/security.md", "gateway/docs/relay.md"];

    public static IEnumerable<object[]> Pages => Documents.Commands().Where(static c => NotRun.WhyAtDesk(c.Line) is null).Select(static c => PageSteps.PageOf(c.Where)).Distinct().Select(static page => new object[] { page });

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public async Task Page_EachCommandInItsOrder_EndsAsThePageSays(string page)
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("the commands are a shell's");
        if (!LongRun.IsOn && !InEveryRun.Contains(page))
            Assert.Inconclusive(LongRun.Reason);
        await using Desk desk = new(page);
        List<string> wrong = [];
        (int code, string said) = await desk.RunAsync("systemctl start devicemqtt");
        Assert.AreEqual(0, code, said);
        foreach ((string where, string line) in PageSteps.Of(page, static line => NotRun.WhyAtDesk(line) is not null))
        {
            foreach ((_, _, string before) in PageSteps.Given.Where(g => page.EndsWith(g.Page, StringComparison.Ordinal) && line.Contains(g.Line, StringComparison.Ordinal)))
                if (await desk.PrepareAsync(before) is { } failed)
                    wrong.Add($"before {where}: {before}: {failed}");
            string command = PageSteps.Cut(line);
            if (PageSteps.FirstWord(command) is { } word)
            {
                await desk.EndAsync(word);
                if (word.StartsWith("listening", StringComparison.Ordinal))
                    _ = await desk.RunAsync("systemctl stop devicemqtt");
                await desk.StartAsync(command, word);
            }
            else if (PageSteps.Wrong(page, line, await desk.RunAsync(command)) is { } failed)
            {
                wrong.Add($"{where}: {line}: {failed}");
            }
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    public void NotRun_EachRow_IsNeeded()
    {
        string[] lines = [.. Documents.Commands().Select(static c => c.Line)];
        string[] unused = [.. NotRun.Reasons.Concat(NotRun.OnMachineOnly).Select(static r => r.Pattern).Where(pattern => !Array.Exists(lines, line => Regex.IsMatch(line, pattern, RegexOptions.None, TimeSpan.FromSeconds(1))))];
        Assert.IsEmpty(unused, string.Join('\n', unused));
        Assert.IsLessThan(10, lines.Count(static line => NotRun.Why(line) is not null), "nearly all are run");
        string[] nowhere = [.. Documents.Commands().Where(static c => NotRun.Why(c.Line) is null && NotRun.WhyAtDesk(c.Line) is not null && !DocumentedMachineTests.Pages.Contains(PageSteps.PageOf(c.Where))).Select(static c => $"{c.Where}: {c.Line}")];
        Assert.IsEmpty(nowhere, $"run at no desk, and on no machine: {string.Join('\n', nowhere)}");
    }
}
