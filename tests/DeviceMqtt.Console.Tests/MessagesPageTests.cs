using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>The tree of topics, with levels that have no name.</summary>
[TestClass]
public sealed class MessagesPageTests
{
    // A level without its text: nothing that the gateway sends.
    private const string Broken = """{"since":1,"now":2,"known":1,"notKept":0,"matched":1,"levels":[{"path":"x","count":1,"topics":1,"hasChildren":false}]}""";

    // The level without a name had the root's own path: drawn open, it contained itself, and the whole console was gone.
    [TestMethod]
    public async Task Topics_ThatBeginWithASlash_CanBeOpenedAndRead()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        foreach (string topic in (string[])["/a", "/", "//", "a", "a/"])
            await visitor.PublishAsync(topic, $"on {topic}", isRetained: true);
        await visitor.GoAsync("/messages");

        ILocator tree = visitor.Page.GetByRole(AriaRole.Tree);
        await Assertions.Expect(tree.GetByRole(AriaRole.Treeitem)).ToHaveCountAsync(2);
        await tree.GetByRole(AriaRole.Button).Filter(new() { HasText = "(empty)" }).First.ClickAsync();
        await Assertions.Expect(tree.GetByRole(AriaRole.Treeitem)).ToHaveCountAsync(4);
        await visitor.GoAsync("/messages?topic=%2Fa");
        await Assertions.Expect(visitor.Page.Locator(".detail").GetByText("on /a")).ToBeVisibleAsync();
        await visitor.GoAsync("/messages?topic=%2F%2F");
        await Assertions.Expect(visitor.Page.Locator(".detail").GetByText("on //")).ToBeVisibleAsync();
    }

    [TestMethod]
    public async Task Messages_PageThatFails_SaysWhatToDoAndOthersGoOn()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        await visitor.Page.RouteAsync("**/api/v1/topics*", static route => route.FulfillAsync(new() { ContentType = "application/json", Body = Broken }));
        visitor.ExpectsFault = true;
        _ = await visitor.Page.GotoAsync($"{visitor.Root}/messages");

        await Assertions.Expect(visitor.Page.GetByText("This page has failed.")).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Devices" }).First.ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("This page has failed.")).ToHaveCountAsync(0);
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Devices", Exact = true })).ToBeVisibleAsync();
    }
}
