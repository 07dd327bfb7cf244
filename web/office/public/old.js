/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Is this browser new enough?  Read by the oldest there are: no syntax after 1999.  The page shows
   the words of #old unless this marks it as new; a file of its own because the content policy
   allows no script inside a page. */
(function () {
  var ok = false
  try {
    ok = 'noModule' in document.createElement('script') &&
      !!window.CSS && CSS.supports('selector(:focus-visible)') &&
      'replaceAll' in String.prototype && 'allSettled' in Promise
  } catch (e) {
    ok = false
  }
  if (ok) document.documentElement.className = 'new'
})()
