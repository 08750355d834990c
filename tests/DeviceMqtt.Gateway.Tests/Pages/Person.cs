using System.Net;
using System.Net.Http.Json;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Somebody else who is logged in, in a browser of their own.</summary>
internal sealed class Person : IDisposable
{
    private readonly HttpClientHandler _handler = new() { CookieContainer = new CookieContainer() };

    private Person(Uri root)
    {
        Client = new HttpClient(_handler) { BaseAddress = root, Timeout = Patience.Limit };
        Client.DefaultRequestHeaders.Add("X-DeviceMqtt", "1");
    }

    public HttpClient Client { get; }

    /// <summary>As a browser sends it.</summary>
    public string Cookie => _handler.CookieContainer.GetCookieHeader(Client.BaseAddress!);

    /// <param name="console">Which gateway.</param>
    /// <param name="name">Who.</param>
    /// <param name="role">The user is made with this role; null for one that there is.</param>
    /// <param name="password">The user's.</param>
    public static async Task<Person> LogInAsync(ConsoleUnderTest console, string name, string? role, string password = "for a while")
    {
        if (role is not null)
            _ = await console.SendAsync(HttpMethod.Put, "users", new { name, role, password });
        Person person = new(console.Root);
        using HttpResponseMessage login = await person.Client.PostAsJsonAsync("/api/v1/session", new { name, password });
        Assert.AreEqual(HttpStatusCode.OK, login.StatusCode);
        return person;
    }

    public async Task<HttpStatusCode> GetAsync(string path)
    {
        using HttpResponseMessage answer = await Client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        return answer.StatusCode;
    }

    public void Dispose()
    {
        Client.Dispose();
        _handler.Dispose();
    }
}
