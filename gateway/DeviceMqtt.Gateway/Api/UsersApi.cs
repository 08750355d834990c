using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Web;
using Microsoft.AspNetCore.Mvc;

namespace DeviceMqtt.Gateway.Api;

/// <summary>The users of the gateway, as <c>user add</c> makes them too, and keys of the API.</summary>
internal sealed class UsersApi(ConsoleSource source, Accounts accounts, SessionStore sessions)
{
    private const string OfSettings = "settings";
    private const string OfFile = "users.json";
    private const int ClientIdsMax = 100; // chosen: who needs more takes *
    private const int ClientIdCharsMax = 200; // chosen: as long as what is shown of one

    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/").WithTags("Users");
        group.MapGet("/users", List).WithMetadata(Needs.ToChange).WithSummary("Who may get in").Produces<GatewayShapes.Users>();
        group.MapPut("/users", SetUser).WithMetadata(Needs.ToChange, BodyMax.Words).WithSummary("Add a user, or give one another password or role").Produces<GatewayShapes.Done>();
        group.MapDelete("/users/{name}", RemoveUser).WithMetadata(Needs.ToChange).WithSummary("Remove a user").Produces<GatewayShapes.Done>();
        group.MapPost("/keys", AddKey).WithMetadata(Needs.ToChange, BodyMax.Words).WithSummary("Make an API key; it is shown once").Produces<GatewayShapes.MadeKey>();
        group.MapDelete("/keys/{name}", RemoveKey).WithMetadata(Needs.ToChange).WithSummary("Remove an API key").Produces<GatewayShapes.Done>();
    }

    private Answer<GatewayShapes.Users> List()
    {
        ILookup<string, ConsoleSession> seats = sessions.All().ToLookup(static s => s.User, StringComparer.Ordinal);
        UserTable users = accounts.Users;
        return new Answer<GatewayShapes.Users>(
            new GatewayShapes.Users(
                source.Options.KeepsData,
                [.. users.All.Where(static u => u.Value.Role != Roles.Device).OrderBy(static u => u.Key, StringComparer.Ordinal).Select(u => Describe(users, u.Key, u.Value, seats[u.Key]))],
                [.. accounts.Keys.Keys.Select(static k => new GatewayShapes.Key(k.Name, k.Role, k.CreatedUnixMs))],
                [.. users.All.Where(static u => u.Value.Role == Roles.Device).Select(static u => u.Key).Order(StringComparer.Ordinal)],
                [.. users.RoleNames.Where(static r => r != Roles.Device)], source.Options.Security.AllowAnonymous),
            ApiJson.Default.Users);
    }

    private static GatewayShapes.User Describe(UserTable users, string name, UserEntry user, IEnumerable<ConsoleSession> seats) => new(
        name, user.Role, users.IsOfSettings(name) ? OfSettings : OfFile, user.Password is not null && ConsoleRights.Of(users.FindRole(user.Role)) is not null,
        [.. seats.Select(static s => new GatewayShapes.Seat(s.Address, s.SinceUnixMs, s.LastUnixMs))]);

    private IResult SetUser([FromBody] GatewayShapes.NewUser user, HttpContext context)
    {
        string name = user.Name ?? "";
        string role = user.Role ?? "";
        UserTable users = accounts.Users;
        UserEntry? known = users.Find(name);
        if ((known is null ? UserName.Check(name) : null) is { } wrongName)
            return Problem.Wrong(wrongName);
        if (users.IsOfSettings(name))
            return Problem.Wrong($"'{name}' is a user of the settings: change it there");
        if (known?.Role == Roles.Device)
            return Problem.Wrong($"there is a device '{name}': take another name");
        if (role == Roles.Device || users.FindRole(role) is not { } rights)
            return Problem.Wrong($"'role' is one of {string.Join(", ", users.RoleNames.Where(static r => r != Roles.Device))}");
        if (ConsoleRights.Of(rights) != ConsoleRole.Operator && accounts.IsLastOperator(name))
            return Problem.Wrong("this is the only operator: make another one first");
        // Without a password one that there is keeps its own.
        if ((string.IsNullOrEmpty(user.Password) && known is not null ? null : Accounts.WrongPassword(user.Password ?? "")) is { } wrongPassword)
            return Problem.Wrong(wrongPassword);
        if (user.ClientIds is { } ids && (ids.Count > ClientIdsMax || ids.Any(static id => id is not { Length: > 0 and <= ClientIdCharsMax })))
            return Problem.Wrong($"'clientIds' has up to {ClientIdsMax} Client Identifiers, each with 1 to {ClientIdCharsMax} characters, * standing for any");
        bool staysOperator = ConsoleRights.Of(rights) == ConsoleRole.Operator;
        return Keep(context, $"user {name}, {role}", $"{name} may log in as {role}", () => Set(context, user, now => staysOperator ? null : accounts.WhyNotLast(now, name)));
    }

    private string? Set(HttpContext context, GatewayShapes.NewUser wanted, UserRule rule)
    {
        (string name, string role, string? password, IReadOnlyList<string>? clientIds) = wanted;
        string? hash = string.IsNullOrEmpty(password) ? null : PasswordHash.Create(password, PasswordHash.IterationsOfPeople);
        if (accounts.File.TrySet(name, user => (user ?? new UserEntry()) with
        {
            Role = role,
            Password = hash ?? user?.Password,
            Imported = hash is null ? user?.Imported : null,
            ClientIds = clientIds ?? user?.ClientIds ?? [],
        }, rule) is { } wrong)
            return wrong;
        // Whoever was logged in with the old password or role is out; the one who changes the own one stays.
        if (Caller.Of(context) is { Token: { } token } caller && caller.Name == name && accounts.Users.StampOf(name) is { } stamp)
            sessions.Renew(token, stamp);
        return null;
    }

    private IResult RemoveUser(string name, HttpContext context)
    {
        UserTable users = accounts.Users;
        if (accounts.IsLastOperator(name))
            return Problem.Wrong("this is the only operator: make another one first");
        if (users.IsOfSettings(name))
            return Problem.Wrong($"'{name}' is a user of the settings: remove it there");
        if (users.Find(name) is not { } user || user.Role == Roles.Device)
            return Problem.NotFound("such user");
        return Keep(context, $"user remove {name}", $"{name} gets in no more, and its connections end", () => accounts.File.TryRemove(name, now => now.ContainsKey(name) ? accounts.WhyNotLast(now, name) : "there is no such user"));
    }

    private IResult AddKey([FromBody] GatewayShapes.NewKey key, HttpContext context)
    {
        (string? made, string? wrong) = accounts.AddKey(key.Name ?? "", key.Role ?? "");
        if (made is null)
            return Problem.Wrong(wrong!);
        source.Changed(context, $"key add {key.Name}, {key.Role}");
        return new Answer<GatewayShapes.MadeKey>(new GatewayShapes.MadeKey(key.Name!, made), ApiJson.Default.MadeKey);
    }

    private IResult RemoveKey(string name, HttpContext context)
    {
        if (accounts.Keys.Remove(name) is { } wrong)
            return wrong.Length == 0 ? Problem.NotFound("such key") : Problem.Wrong(wrong);
        source.Changed(context, $"key remove {name}");
        return Done($"the key {name} is of no use any more");
    }

    private IResult Keep(HttpContext context, string what, string done, Func<string?> change)
    {
        try
        {
            if (change() is { } wrong)
                return Problem.Wrong(wrong);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Problem.Wrong(exception.Message);
        }

        source.Changed(context, what);
        return Done(done);
    }

    private static Answer<GatewayShapes.Done> Done(string text) => new(new GatewayShapes.Done(text), ApiJson.Default.Done);
}
