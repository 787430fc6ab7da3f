using Microsoft.Playwright;

namespace StreamForecaster.SystemTests.Live;

/// <summary>Debian's Chromium, started once for all tests that look at pages.</summary>
public sealed class Browser : IAsyncLifetime
{
    const string Executable = "/usr/bin/chromium";
    IPlaywright? _playwright;
    IBrowser? _browser;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A page of its own at an address, its console listened to. Skips the test where there is no Chromium.</summary>
    public async Task<OpenPage> OpenAsync(Uri address, int width, int height, ColorScheme scheme, HttpCredentials? credentials = null)
    {
        Assert.SkipUnless(File.Exists(Executable), $"{Executable} is missing: apt-get install chromium");
        _playwright ??= await Playwright.CreateAsync();
        _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = ["--no-sandbox", "--disable-gpu"] });
        IBrowserContext context = await _browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
            HttpCredentials = credentials,
            HasTouch = width < 500,
            DeviceScaleFactor = width < 500 ? 2 : 1,
            TimezoneId = "UTC",
        });
        OpenPage open = new(await context.NewPageAsync());
        await open.Page.GotoAsync(address.ToString(), new() { WaitUntil = WaitUntilState.DOMContentLoaded, Timeout = 60_000 });
        return open;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

/// <summary>An open page and what its console said.</summary>
public sealed class OpenPage : IAsyncDisposable
{
    readonly List<string> _complaints = [];

    /// <summary>Listens to a page.</summary>
    internal OpenPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Add(error);
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Lets it listen for a while, as somebody who watches does.</summary>
    public Task HoldAsync() => Page.WaitForTimeoutAsync(4_000);

    /// <summary>Nothing on the console, no script failed.</summary>
    public void ExpectQuiet() => Assert.Empty(_complaints);

    /// <summary>Keeps a picture of it in <c>artifacts/screenshots</c>, for people to look at.</summary>
    public async Task ScreenshotAsync(string name)
    {
        await Page.ScreenshotAsync(new() { Path = Path.Combine(Checkout.Root, "artifacts", "screenshots", name + ".png") });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
