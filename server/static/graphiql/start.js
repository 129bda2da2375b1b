// Starts GraphiQL on this page. What it is told stands in the page as data, so that no script is inline.
(function () {
  "use strict";

  const told = JSON.parse(document.getElementById("told").textContent);

  async function fetcher(parameters, options) {
    const response = await fetch(told.endpoint, {
      method: "POST",
      headers: {
        Accept: "application/graphql-response+json, application/json;q=0.9",
        "Content-Type": "application/json",
        ...(options && options.headers),
      },
      credentials: "same-origin",
      body: JSON.stringify(parameters),
    });
    return response.json();
  }

  ReactDOM.render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultTabs: told.tabs,
      // A token typed into the headers is not kept in the browser.
      shouldPersistHeaders: false,
      isHeadersEditorEnabled: true,
    }),
    document.getElementById("graphiql"),
  );
})();
