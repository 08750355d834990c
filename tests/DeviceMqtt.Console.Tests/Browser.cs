using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>One real Chromium for all tests of the assembly: Debian's, without its window. Where it is not, the tests are skipped and say so.</summary>
[TestClass]
public static class Browser
{
    // The first has no window to draw around the page, and takes half of the time.
    private static readonly string[] Places = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private static IPlaywright? _playwright;
    private static IBrowser? _browser;

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Array.Find(Places, File.Exists) is not { } program)
            return;
        Assertions.SetDefaultExpectTimeout(60_000); // of a machine that has other things to do
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"], Timeout = 180_000 });
    }

    [AssemblyCleanup]
    public static async Task StopAsync()
    {
        if (_browser is not null)
            await _browser.CloseAsync();
        _playwright?.Dispose();
    }

    public static IBrowser Get() => _browser ?? throw new AssertInconclusiveException($"needs Chromium at {string.Join(" or ", Places)}: apt-get install chromium-headless-shell");
}
